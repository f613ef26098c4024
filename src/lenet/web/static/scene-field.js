// Local receptive fields: what one unit sees, and that nothing else matters to it.

import { greyScale } from "./canvas.js";
import { scaleOf } from "./maps.js";
import { forward, valueOf } from "./network.js";
import { dependence } from "./receptive-field.js";
import { follow, mapOf, picture } from "./scene-parts.js";
import { number, translate } from "./i18n.js";

const LAYERS = { C1: 2, S2: 2, C3: 6, S4: 6 }; // and the map that is shown first
const BORDER = 2;

export const field = {
  id: "field",
  units: true,
  open(panel, page, { point }) {
    const input = panel.figure("fieldInput"), map = panel.figure("fieldMap");
    let unit = { layer: "C1", map: 2, row: 12, column: 15 }, erased = false, cell = 1, size = 28;
    const choose = (found) => { unit = found; point(found, true); };
    const press = panel.choice("layers", Object.fromEntries(Object.keys(LAYERS).map((name) => [name, name])), (layer) => {
      const half = shapeOf(layer)[1] >> 1;
      choose({ layer, map: LAYERS[layer], row: half, column: half });
    });
    const play = panel.play(() => {
      const place = (unit.row * size + unit.column + 1) % (size * size);
      choose({ ...unit, row: Math.floor(place / size), column: place % size });
    }, 150);
    const erase = panel.button("fieldErase", () => { erased = !erased; });
    const line = panel.line();
    follow(map, () => cell, (row, column) => {
      if (row < 0 || column < 0 || row >= size || column >= size) return;
      play.pause();
      choose({ ...unit, row, column });
    });
    const shapeOf = (layer) => page.results.get("1998").stages.find(({ name }) => name === layer).shape;

    return () => {
      const lenet = page.networks.get("1998"), { stages } = page.results.get("1998");
      if (page.unit && page.unit.layer in LAYERS && page.shown === "1998") unit = page.unit;
      const { box } = dependence(lenet, stages, unit).input, stage = stages.find(({ name }) => name === unit.layer);
      const seen = erased ? page.seen.map((byte, k) => (inside(box, k) ? byte : 0)) : page.seen;
      const now = forward(lenet, seen).stages;
      size = stage.shape[1];
      cell = panel.cell(210 / size);
      press(unit.layer);
      erase.setAttribute("aria-pressed", String(erased));
      picture(input, now[0].values, 32, panel.cell(6.5), greyScale(-0.1, 1.175), [box]);
      const here = { top: unit.row, left: unit.column, bottom: unit.row + 1, right: unit.column + 1 };
      picture(map, mapOf(now.find(({ name }) => name === unit.layer), unit.map), size, cell, scaleOf(stage), [here]);
      const words = { ...unit, side: box.bottom - box.top, value: number(valueOf(stages, unit)), now: number(valueOf(now, unit)) };
      line.textContent = translate(erased ? "fieldStays" : "fieldSees", words);
    };
  },
};

/** Whether a pixel of the 28×28 image lies in a box of the 32×32 plane. */
function inside({ top, left, bottom, right }, k) {
  const row = Math.floor(k / 28) + BORDER, column = (k % 28) + BORDER;
  return row >= top && row < bottom && column >= left && column < right;
}
