// The five sliders that perturb the digit.

import { NEUTRAL } from "./perturb.js";
import { element } from "./canvas.js";
import { translate } from "./i18n.js";

const SLIDERS = {
  right: { min: -8, max: 8, step: 1, unit: " px" },
  down: { min: -8, max: 8, step: 1, unit: " px" },
  turn: { min: -45, max: 45, step: 1, unit: "°" },
  thick: { min: -1, max: 2, step: 0.1, unit: " px" },
  noise: { min: 0, max: 60, step: 1, unit: " %" },
};

/** Sliders in `root`; calls onChange() when one is moved. */
export function makeSliders(root, onChange) {
  const parts = Object.entries(SLIDERS).map(([name, { unit, ...range }]) => {
    const input = element("input", { type: "range", id: name, ...range });
    const part = { name, unit, input, words: element("span"), shown: element("output", { for: name }) };
    root.append(element("label", { kind: "slider", for: name }, part.words, input, part.shown));
    input.addEventListener("input", () => { redraw(); onChange(); });
    return part;
  });

  function redraw() {
    for (const { name, unit, input, words, shown } of parts) {
      words.textContent = translate(name);
      shown.textContent = `${input.value.replace("-", "−")}${unit}`;
    }
  }

  return {
    redraw,
    values: () => Object.fromEntries(parts.map(({ name, input }) => [name, Number(input.value)])),
    set(values) {
      for (const { name, input } of parts) input.value = { ...NEUTRAL, ...values }[name];
      redraw();
    },
  };
}
