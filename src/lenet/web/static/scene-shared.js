// Shared weights: one kernel at two places; the digit moves, and the map moves with it.

import { greyScale, maxAbs, signedScale } from "./canvas.js";
import { scaleOf } from "./maps.js";
import { forward, kernelStart, valueOf } from "./network.js";
import { perturbed } from "./perturb.js";
import { mapOf, picture } from "./scene-parts.js";
import { number, translate } from "./i18n.js";

const SIDE = 28, FAR = 8; // units of a C1 map, and between the two places at least
const MOST = 4; // pixels that the digit moves: its margin

export const shared = {
  id: "shared",
  open(panel, page, { perturb }) {
    let map = 2, right = 0, step = 1;
    const input = panel.figure("sharedInput"), kernel = panel.figure("sharedKernel"), maps = panel.figure("sharedMap");
    const press = panel.choice("sharedMaps", Object.fromEntries([0, 1, 2, 3, 4, 5].map((k) => [k, k])), (k) => { map = Number(k); });
    const slider = panel.range("right", { min: -MOST, max: MOST, value: 0 }, (value) => { play.pause(); move(value); });
    const play = panel.play(() => {
      if (Math.abs(right + step) > MOST) step = -step;
      move(right + step);
    }, 700);
    const line = panel.line();
    function move(value) {
      right = value;
      slider.value = value;
      perturb({ right });
    }

    return () => {
      const lenet = page.networks.get("1998"), { stages } = page.results.get("1998"), [layer] = lenet.layers;
      const still = forward(lenet, perturbed(page.image ?? page.seen, { right: 0 })).stages;
      const kept = page.perturbation.right;
      const places = twoPlaces(mapOf(still[1], map)).map(([row, column]) => [row, column + kept]);
      const box = (side) => places.map(([row, column]) =>
        ({ top: row, left: column, bottom: row + side, right: column + side }));
      press(map);
      picture(input, stages[0].values, 32, panel.cell(5), greyScale(-0.1, 1.175), box(5));
      const start = kernelStart(layer, map, 0), weights = layer.weights.subarray(start, start + 25);
      picture(kernel, weights, 5, panel.cell(14), signedScale(maxAbs(weights)));
      picture(maps, mapOf(stages[1], map), SIDE, panel.cell(5), scaleOf(stages[1]), box(1));
      const [one, other] = places.map(([row, column]) => number(valueOf(stages, { layer: "C1", map, row, column })));
      const most = furthest(mapOf(still[1], map), mapOf(stages[1], map), kept);
      line.textContent = translate("sharedMoved", { one, other, right: kept, most: number(most) });
    };
  },
};

/** The unit that answers most strongly, and the next one some way off that stays in view. */
function twoPlaces(values) {
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const cells = order.map((k) => [Math.floor(k / SIDE), k % SIDE]).filter(([, column]) => column >= MOST && column < SIDE - MOST);
  const far = ([row, column]) => Math.max(Math.abs(row - cells[0][0]), Math.abs(column - cells[0][1])) >= FAR;
  return [cells[0], cells.find(far)];
}

/** The largest difference between a map moved by so many columns and another. */
function furthest(still, moved, right) {
  let most = 0;
  for (let row = 0; row < SIDE; row++)
    for (let column = Math.max(0, right); column < Math.min(SIDE, SIDE + right); column++)
      most = Math.max(most, Math.abs(moved[row * SIDE + column] - still[row * SIDE + column - right]));
  return most;
}
