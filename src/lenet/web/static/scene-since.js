// What was learnt since: one change after the other, measured on the architecture of 1998.

import { about } from "./about.js";
import { element } from "./canvas.js";
import { percent, translate } from "./i18n.js";

// Error rates on MNIST's test digits in percent (lenet reproduce ablation).
export const CHANGES = [
  ["published", 1.05], ["optimiser", 0.99], ["loss", 1.01], ["distortions", 0.78], ["maxima", 0.65], ["plain", 0.54], ["modern", 0.37],
];

export const since = {
  id: "since",
  open(panel) {
    let chosen = 0;
    const list = panel.add(element("table", { kind: "since" }));
    const line = panel.line(), modern = percent(about.networks.find(({ name }) => name === "modern").test_error_rate, 2);
    list.append(element("caption", { text: translate("sinceCaption") }));
    const buttons = CHANGES.map(([name, rate], k) => {
      const button = element("button", { type: "button", text: translate(`since_${name}`) });
      button.addEventListener("click", () => { chosen = k; panel.redraw(); });
      const bar = element("span", { kind: "bar shown" });
      bar.style.width = `${(60 * rate) / CHANGES[0][1]}%`;
      list.append(element("tr", {}, element("td", {}, button), element("td", {}, bar, element("small", { text: percent(rate / 100, 2) }))));
      return button;
    });

    return () => {
      buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === chosen)));
      line.textContent = translate(`since_${CHANGES[chosen][0]}_why`, { modern });
    };
  },
};
