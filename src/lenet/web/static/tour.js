// The tour in eight steps; each sets up the page to show its point.

import { percent, translate } from "./i18n.js";

const STEPS = [
  { network: "28x28-75-10", unit: ["hidden", 22, 0, 0] },
  { network: "1998", unit: ["C1", 2, 12, 15] },
  { network: "1998", unit: ["C1", 2, 8, 13], sliders: { right: 2 } },
  { network: "1998", unit: ["S2", 2, 6, 7] },
  { network: "1998", unit: ["C3", 6, 4, 5] },
  { network: "1998", unit: ["C5", 40, 0, 0] },
  { network: "1998", unit: ["output", 4, 0, 0] },
  { network: "1998", unit: null, sliders: { right: 3, down: -2, turn: 14 } },
];

/** The tour; `stage` is called with {network, unit, sliders} at every step. */
export function makeTour(find, networks, stage) {
  let at = null;

  function go(step) {
    at = step;
    find("tour").hidden = at === null;
    document.body.classList.toggle("touring", at !== null);
    redraw();
    if (at === null) return stage(null);
    const { unit, sliders = {}, ...rest } = STEPS[at];
    const [layer, map, row, column] = unit ?? [];
    return stage({ ...rest, sliders, unit: unit && { layer, map, row, column } });
  }

  function redraw() {
    if (at === null) return;
    find("tour-text").textContent = translate(`tour${at + 1}`, facts(networks));
    find("tour-step").textContent = translate("step", { number: at + 1, count: STEPS.length });
    find("tour-back").disabled = at === 0;
    find("tour-next").disabled = at === STEPS.length - 1;
  }

  find("tour-open").addEventListener("click", () => go(0));
  find("tour-back").addEventListener("click", () => go(at - 1));
  find("tour-next").addEventListener("click", () => go(at + 1));
  find("tour-close").addEventListener("click", () => {
    go(null);
    find("tour-open").focus();
  });
  return { redraw };
}

/** The numbers in the tour, from the networks' cards. */
function facts(networks) {
  const dense = networks.find(({ kind }) => kind === "dense"), lenet = networks.find(({ name }) => name === "1998");
  return {
    dense: dense.parameters.toLocaleString("en"),
    denseError: percent(dense.test_error_rate, 2),
    lenetError: percent(lenet.test_error_rate, 2),
  };
}
