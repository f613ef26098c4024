// Where the maps of a layer stand on its canvas, one above the other, and how they are drawn.

import { colour, drawTile, greyScale, textColourOn, isDark, maxAbs, signedScale } from "./canvas.js";
import { kernelStart } from "./network.js";

export const HEIGHT = 384; // pixels of the strip at its smallest
// Layers of single units are drawn as a field: columns of each. F6 as the picture it draws.
export const DRAWN = { C5: 4, F6: 7, hidden: 5, classes: 1, output: 1 };
// The largest cells in pixels, at that height.
const CELLS = { input: 3, C1: 3, S2: 3, C3: 3, S4: 4, C5: 12, F6: 12, hidden: 20, classes: 36, output: 36 };
const NUMBER = 16; // pixels left of a map, for its number
const VEIL = ["255 255 255", "30 32 38"], OPACITY = 0.74; // over what the unit does not read; light and dark pages

const halves = (size) => Math.max(1, Math.floor(2 * size) / 2);

/** Where the maps of a stage stand in a strip of this height: map m from m × step on. */
export function planOf({ name, shape }, high) {
  const drawn = DRAWN[name], most = (CELLS[name] * high) / HEIGHT;
  const [maps, height, width] = drawn ? [1, Math.ceil(shape[0] / drawn), drawn] : shape;
  const cell = halves(Math.min(most, (high / maps - 4) / height));
  const step = maps === 1 ? height * cell + 2 : high / maps;
  const left = maps === 1 ? 1 : NUMBER, top = Math.round((step - height * cell) / 2);
  return { maps, height, width, cell, step, left, top, wide: left + width * cell + 1, high: maps * step };
}

/** Where the kernels of C1 or C3 stand: a line for each map, a column for each map it reads. */
export function kernelPlan({ shape: [maps], side }, sources, high) {
  const step = high / maps, cell = halves(Math.min((sources === 1 ? 4 : 3) * (high / HEIGHT), (step - 3) / side));
  return { maps, sources, cell, step, side, across: side * cell + 3, wide: sources * (side * cell + 3) + 1, high };
}

/** All kernels of a layer; those of the unit's map are framed. */
export function drawKernels(context, layer, plan, chosen) {
  const { cell, step, side, across } = plan, scale = signedScale(maxAbs(layer.weights));
  for (let map = 0; map < plan.maps; map++)
    for (const source of layer.reads(map)) {
      const start = kernelStart(layer, map, source), top = Math.round((map + 0.5) * step - (side * cell) / 2);
      drawTile(context, layer.weights.subarray(start, start + side * side), side, 1 + source * across, top, cell, scale);
      if (map === chosen) frame(context, 1 + source * across, top, side * cell, side * cell);
    }
}

/** The colours of a stage's values. */
export function scaleOf({ name, values }) {
  if (name === "input") return greyScale(-0.1, 1.175);
  if (name === "output") return greyScale(Math.max(...values), Math.min(...values)); // the lowest wins
  const most = maxAbs(values);
  return greyScale(values.some((value) => value < 0) ? -most : 0, most);
}

/** The maps of a stage; `read` is what a unit depends on, `veiled` whether there is a unit. */
export function drawMaps(context, stage, plan, read, veiled) {
  const size = plan.height * plan.width, scale = scaleOf(stage);
  Object.assign(context, { font: "10px system-ui, sans-serif", textAlign: "right", textBaseline: "middle" });
  for (let map = 0; map < plan.maps; map++) {
    const left = plan.left, top = Math.round(map * plan.step) + plan.top;
    const values = stage.values.subarray(map * size, (map + 1) * size);
    drawTile(context, values, plan.width, left, top, plan.cell, scale);
    if (plan.maps > 1) {
      context.fillStyle = colour(read?.maps.includes(map) ? "accent" : "faint");
      context.fillText(String(map), left - 3, top + (plan.height * plan.cell) / 2);
    }
    if (veiled) highlight(context, plan, left, top, boxIn(stage, plan, map, read));
    if (stage.shape[0] === 10) {
      const pale = (digit) => veiled && !read?.maps.includes(digit);
      drawNames(context, plan, left, top, Array.from(values, (value, k) => (pale(k) ? faded(scale(value)) : scale(value))));
    }
  }
}

const faded = (shade) => shade.map((part, k) => part + OPACITY * (Number(VEIL[Number(isDark())].split(" ")[k]) - part));

/** The digits that ten units stand for, readable on their shades. */
function drawNames(context, { cell }, left, top, shades) {
  Object.assign(context, { font: `${cell * 0.55}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle" });
  for (let digit = 0; digit < 10; digit++) {
    context.fillStyle = textColourOn(shades[digit]);
    context.fillText(String(digit), left + cell / 2, top + (digit + 0.53) * cell);
  }
}

/** Which cells of a drawn map the field takes up; null where none. */
function boxIn(stage, plan, map, read) {
  if (!read) return null;
  if (!DRAWN[stage.name]) return read.maps.includes(map) ? read.box : null;
  if (read.maps.length > 1) return { top: 0, left: 0, bottom: plan.height, right: plan.width };
  const top = Math.floor(read.maps[0] / plan.width), left = read.maps[0] % plan.width;
  return { top, left, bottom: top + 1, right: left + 1 };
}

/** Fade everything but the box, and frame it. */
function highlight(context, { width, height, cell }, left, top, box) {
  context.fillStyle = `rgb(${VEIL[Number(isDark())]} / ${100 * OPACITY}%)`;
  const [wide, high] = [width * cell, height * cell];
  const [x, y, x2, y2] = box ? [box.left, box.top, box.right, box.bottom].map((edge) => edge * cell) : [0, 0, 0, 0];
  context.beginPath();
  context.rect(left, top, wide, high);
  context.rect(left + x, top + y, x2 - x, y2 - y);
  context.fill("evenodd");
  if (box) frame(context, left + x, top + y, x2 - x, y2 - y);
}

export function frame(context, left, top, wide, high) {
  context.strokeStyle = colour("accent");
  context.lineWidth = 2;
  context.strokeRect(left, top, wide, high);
}

/** The unit at this point of a layer's canvas, or null. */
export function unitAt({ name, shape }, plan, x, y) {
  const map = Math.floor(y / plan.step), top = Math.round(map * plan.step) + plan.top;
  const row = Math.floor((y - top) / plan.cell), column = Math.floor((x - plan.left) / plan.cell);
  if (row < 0 || column < 0 || row >= plan.height || column >= plan.width || map >= plan.maps) return null;
  if (!DRAWN[name]) return { layer: name, map, row, column };
  const number = row * plan.width + column;
  return number < shape[0] ? { layer: name, map: number, row: 0, column: 0 } : null;
}

/** Where a link ends: the middle of a map's or a unit's left or right edge, in its canvas. */
export function edgeOf({ name }, plan, map, right) {
  const drawn = DRAWN[name], row = drawn ? Math.floor(map / drawn) : 0, column = drawn ? map % drawn : 0;
  const y = drawn ? plan.top + (row + 0.5) * plan.cell : (map + 0.5) * plan.step;
  const x = drawn ? plan.left + (column + Number(right)) * plan.cell : right ? plan.wide : plan.left - (plan.maps > 1 ? NUMBER - 1 : 0);
  return { x, y };
}
