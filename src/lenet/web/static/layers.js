// Every layer as a row of maps. A pointer or the arrow keys choose a unit; what it depends on is
// framed in every earlier layer, and the rest fades.

import { dependence } from "./receptive-field.js";
import { colour, drawTile, greyScale, textColourOn, isDark, element, maxAbs, resized } from "./canvas.js";
import { valueOf } from "./network.js";
import { number, translate } from "./i18n.js";

// Layers of single units are drawn as a field: columns of each. F6 as the picture it draws.
export const DRAWN = { C5: 15, F6: 7, hidden: 15, classes: 10, output: 10 };
const CELLS = { input: 7, C1: 6, S2: 6, C3: 6, S4: 9, C5: 14, F6: 14, hidden: 14, classes: 26, output: 26 };
const GAP = 6;
const VEIL = ["255 255 255", "30 32 38"], OPACITY = 0.74; // over what the unit does not read; light and dark pages

/** Rows of maps in `root`; calls onPoint(unit or null, pinned) as the pointer moves. */
export function makeLayers(root, onPoint) {
  let network = null, stages = [], rows = [], unit = null;

  function build() {
    root.replaceChildren();
    rows = stages.map((stage) => {
      const [maps, height, width] = stage.shape;
      const canvas = element("canvas", { tabindex: "0", role: "application", "data-layer": stage.name });
      const size = element("small", { text: `${maps}@${height}×${width}` });
      const head = element("h3", { text: nameOf(stage.name) }, size);
      const row = { stage, canvas, about: element("p") };
      root.append(element("div", { kind: "layer" }, head, row.about, canvas));
      listen(row);
      return row;
    });
  }

  function listen(row) {
    const { canvas } = row;
    canvas.addEventListener("pointermove", (event) => onPoint(hit(row, event), false));
    canvas.addEventListener("pointerleave", () => onPoint(null, false));
    canvas.addEventListener("click", (event) => onPoint(hit(row, event), true));
    canvas.addEventListener("keydown", (event) => {
      const known = event.key in STEPS || event.key in TURNS || event.key === "Escape";
      if (!known) return;
      event.preventDefault();
      if (event.key === "Escape") return onPoint(null, true);
      const here = unit?.layer === row.stage.name;
      onPoint(here ? stepped(row, unit, event.key) : start(row), true);
    });
  }

  function redraw() {
    const field = unit ? dependence(network, stages, unit) : null;
    for (const row of rows) {
      row.stage = stages.find(({ name }) => name === row.stage.name);
      drawRow(row, root.clientWidth, field);
      row.about.textContent = about(network, row.stage.name);
      const [maps, height, width] = row.stage.shape;
      const words = { layer: nameOf(row.stage.name), maps, rows: height, columns: width };
      row.canvas.setAttribute("aria-label", translate("grid", words));
    }
  }

  return {
    /** These stages of this network, and what this unit depends on, if there is one. */
    show(newNetwork, newStages, newUnit) {
      const same = network?.name === newNetwork.name && network?.kind === newNetwork.kind;
      [network, stages, unit] = [newNetwork, newStages, newUnit];
      if (!same) build();
      redraw();
    },
  };
}

export const nameOf = (layer) => (layer[0] < "a" ? layer : translate(layer));

function about(network, layer) {
  if (layer !== "output") return translate(`sees_${layer}`);
  if (network.kind === "dense") return translate("dense_output");
  return translate(network.network.head === "linear" ? "scored_output" : "sees_output");
}

/** Where the maps stand: columns of maps, cell size, and each map's size in cells. */
function layout({ name, shape }, room) {
  const [maps, height, width] = DRAWN[name] ? [1, Math.ceil(shape[0] / DRAWN[name]), DRAWN[name]] : shape;
  const across = [16, 8, 6, 4, 3, 2, 1].find((columns) =>
    maps % columns === 0 && (room - columns * GAP) / (columns * width) >= Math.min(3.9, CELLS[name])) ?? 1;
  const cell = Math.max(1, Math.min(CELLS[name], Math.floor((room - across * GAP) / (across * width))));
  return { maps, height, width, across, cell, stepX: width * cell + GAP, stepY: height * cell + GAP };
}

function scaleOf({ name, values }) {
  if (name === "input") return greyScale(-0.1, 1.175);
  if (name === "output") return greyScale(Math.max(...values), Math.min(...values)); // the lowest wins
  const most = maxAbs(values);
  return greyScale(values.some((value) => value < 0) ? -most : 0, most);
}

function drawRow(row, room, field) {
  const { stage, canvas } = row, plan = layout(stage, room), read = field?.[stage.name];
  row.plan = plan;
  const lines = plan.maps / plan.across, context = resized(canvas, plan.across * plan.stepX, lines * plan.stepY);
  const size = plan.height * plan.width, scale = scaleOf(stage);
  for (let map = 0; map < plan.maps; map++) {
    const left = 1 + (map % plan.across) * plan.stepX, top = 1 + Math.floor(map / plan.across) * plan.stepY;
    const values = stage.values.subarray(map * size, (map + 1) * size);
    drawTile(context, values, plan.width, left, top, plan.cell, scale);
    if (field) highlight(context, plan, left, top, boxIn(stage, plan, map, read));
    if (stage.shape[0] === 10) {
      const pale = (digit) => field && !read?.maps.includes(digit);
      drawNames(context, plan, left, top, Array.from(values, (value, k) => (pale(k) ? faded(scale(value)) : scale(value))));
    }
  }
  canvas.dataset.maps = read ? read.maps.join() : "";
  canvas.dataset.field = read ? [read.box.top, read.box.left, read.box.bottom, read.box.right].join() : "";
}

const faded = (shade) => shade.map((part, k) => part + OPACITY * (Number(VEIL[Number(isDark())].split(" ")[k]) - part));

/** The digits that ten units stand for, readable on their shades. */
function drawNames(context, { cell }, left, top, shades) {
  Object.assign(context, { font: `${cell * 0.55}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle" });
  for (let digit = 0; digit < 10; digit++) {
    context.fillStyle = textColourOn(shades[digit]);
    context.fillText(String(digit), left + (digit + 0.5) * cell, top + 0.53 * cell);
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
  if (!box) return;
  context.strokeStyle = colour("accent");
  context.lineWidth = 2;
  context.strokeRect(left + x, top + y, x2 - x, y2 - y);
}

/** The unit under the pointer, or null. */
function hit({ stage, plan, canvas }, event) {
  const { left, top } = canvas.getBoundingClientRect(), x = event.clientX - left - 1, y = event.clientY - top - 1;
  const map = Math.floor(y / plan.stepY) * plan.across + Math.floor(x / plan.stepX);
  const column = Math.floor((x % plan.stepX) / plan.cell), row = Math.floor((y % plan.stepY) / plan.cell);
  const inside = x >= 0 && y >= 0 && row < plan.height && column < plan.width && map < plan.maps;
  return inside ? unitAt(stage, plan, map, row, column) : null;
}

function unitAt({ name, shape }, plan, map, row, column) {
  if (!DRAWN[name]) return { layer: name, map, row, column };
  const number = row * plan.width + column;
  return number < shape[0] ? { layer: name, map: number, row: 0, column: 0 } : null;
}

/** Where the arrow keys begin: the middle of the first map. */
function start({ stage: { name, shape } }) {
  const [, rows, columns] = shape;
  return { layer: name, map: 0, row: rows >> 1, column: columns >> 1 };
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const TURNS = { PageUp: -1, PageDown: 1 };
const within = (value, size) => Math.min(Math.max(value, 0), size - 1);

/** The unit one key further. */
function stepped({ stage: { name, shape }, plan }, unit, key) {
  const [maps, rows, columns] = shape, [down, right] = STEPS[key] ?? [0, 0];
  if (DRAWN[name]) return { ...unit, map: within(unit.map + down * plan.width + right, maps) };
  const map = within(unit.map + (TURNS[key] ?? 0), maps);
  return { ...unit, map, row: within(unit.row + down, rows), column: within(unit.column + right, columns) };
}

/** The unit in words, for screen readers. */
export function inWords(unit, stages) {
  return translate("unitLabel", { ...unit, layer: nameOf(unit.layer), value: number(valueOf(stages, unit)) });
}
