// On paper: the light theme's colours, and a strip as wide as the sheet; see print.css.

import { isDark } from "./canvas.js";

/** Call repaint() before the page is printed and after. */
export function listenToPrinter(repaint) {
  const { classList } = document.documentElement;
  let dark = false;
  addEventListener("beforeprint", () => {
    dark = isDark();
    classList.remove("dark");
    classList.add("printing");
    repaint();
  });
  addEventListener("afterprint", () => {
    classList.toggle("dark", dark);
    classList.remove("printing");
    repaint();
  });
}
