// Sub-sampling on and off while the digit moves by a pixel: how much each layer changes.

import { element, greyScale } from "./canvas.js";
import { scaleOf } from "./maps.js";
import { forward } from "./network.js";
import { perturbed, NEUTRAL } from "./perturb.js";
import { mapOf, picture } from "./scene-parts.js";
import { percent, translate } from "./i18n.js";

const SHOWN = ["input", "C1", "S2", "C3", "S4", "C5", "F6"], MAP = 2, PIXEL = { ...NEUTRAL, right: 1 };

export const subsampling = {
  id: "subsampling",
  slow: true,
  open(panel, page, { perturb }) {
    let on = true;
    const c1 = panel.figure("subC1"), s2 = panel.figure("subS2"), s4 = panel.figure("subS4");
    const bars = panel.add(element("table", { kind: "changes" }));
    const press = panel.choice("subSampling", { true: translate("subOn"), false: translate("subOff") }, (name) => { on = name === "true"; });
    panel.play(() => perturb({ right: 1 - page.perturbation.right }), 900);

    return () => {
      const image = page.image ?? page.seen, lenet = page.networks.get("1998"), kinds = [lenet, strided(lenet)];
      const { stages } = forward(kinds[on ? 0 : 1], page.seen);
      press(on);
      for (const [canvas, index, map, cell] of [[c1, 1, MAP, 4], [s2, 2, MAP, 8], [s4, 4, 6, 18]])
        picture(canvas, mapOf(stages[index], map), stages[index].shape[2], panel.cell(cell), scaleOf(stages[index]));
      const changes = kinds.map((network) => changesOf(network, image));
      bars.replaceChildren(
        element("caption", { text: translate("subChange") }),
        ...SHOWN.map((layer) => element("tr", { "data-layer": layer },
          element("th", { text: layer === "input" ? translate("input") : layer, scope: "row" }),
          element("td", {}, bar(changes[0][layer], on), bar(changes[1][layer], !on)),
          element("td", { text: percent(changes[on ? 0 : 1][layer], 0) }))));
    };
  },
};

/** The network whose S layers take every second unit in place of the sum of four. */
function strided(network) {
  const layers = network.layers.map((layer) =>
    (layer.step === 1 ? layer : { ...layer, weights: layer.weights.map((weight, k) => (k % 4 ? 0 : 4 * weight)) }));
  return { ...network, layers };
}

/** How much every layer changes as the digit moves by a pixel; without any ink it would change by 1. */
function changesOf(network, image) {
  const [still, moved, bare] = [image, perturbed(image, PIXEL), image.map(() => 0)].map((one) => forward(network, one).stages);
  const far = (one, other) => Math.hypot(...one.values.map((value, k) => value - other.values[k]));
  return Object.fromEntries(still.map((stage, k) => [stage.name, far(stage, moved[k]) / far(stage, bare[k])]));
}

function bar(share, shown) {
  const part = element("span", { kind: shown ? "bar shown" : "bar" });
  part.style.width = `${Math.min(100, 70 * share)}%`;
  return part;
}
