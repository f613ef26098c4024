// F6's drawing beside the ten codes: each penalty is a sum of 84 squared differences.

import { element, greyScale, maxAbs, tile } from "./canvas.js";
import { picture } from "./scene-parts.js";
import { number, translate } from "./i18n.js";

const WIDE = 7, UNITS = 84;

export const codes = {
  id: "codes",
  open(panel, page) {
    let chosen = null; // a digit, or the second best
    const drawing = panel.figure("codesDrawing"), code = panel.figure("codesCode"), squares = panel.figure("codesSquares");
    const all = panel.add(element("div", { kind: "codes", role: "group", "aria-label": translate("codesAll") }));
    const line = panel.line();
    const buttons = Array.from({ length: 10 }, (_, digit) => {
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => { chosen = digit; panel.redraw(); });
      all.append(button);
      return button;
    });

    return () => {
      const { layers } = page.networks.get("1998"), { stages, penalties, value } = page.results.get("1998");
      const digit = chosen ?? second(penalties, value), drawn = stages.at(-2).values, most = maxAbs(drawn);
      const codeOf = (k) => layers.at(-1).weights.subarray(k * UNITS, (k + 1) * UNITS);
      const terms = drawn.map((unit, k) => (unit - codeOf(digit)[k]) ** 2), cell = panel.cell(14);
      picture(drawing, drawn, WIDE, cell, greyScale(-most, most));
      picture(code, codeOf(digit), WIDE, cell, greyScale(-1, 1));
      picture(squares, terms, WIDE, cell, greyScale(0, 4)); // a unit that is wrong is 2 off
      buttons.forEach((button, k) => {
        button.replaceChildren(element("b", { text: k }), tile(codeOf(k), WIDE, 3, greyScale(-1, 1)), element("small", { text: number(penalties[k], 1) }));
        button.setAttribute("aria-pressed", String(k === digit));
        button.classList.toggle("best", k === value);
      });
      line.textContent = translate("codesSum", { digit, penalty: number(penalties[digit]), value, best: number(penalties[value]) });
    };
  },
};

const second = (penalties, value) => penalties.indexOf(Math.min(...penalties.filter((_, digit) => digit !== value)));
