// The network as one strip: every layer as a column of maps, between them its kernels and links.
// A pointer or the arrow keys choose a unit; what it depends on is framed, and the rest fades.

import { dependence } from "./receptive-field.js";
import { element, resized } from "./canvas.js";
import { DRAWN, HEIGHT, drawKernels, drawMaps, kernelPlan, planOf, unitAt } from "./maps.js";
import { makeLinks } from "./links.js";
import { valueOf } from "./network.js";
import { number, translate } from "./i18n.js";

const NATURAL = 772; // pixels across that a strip of the smallest height needs
const TALLEST = 576, BESIDE = 430; // pixels of the strip, and of the window around it
const KERNELS = { C1: 1, C3: 6 }; // layers whose kernels are shown, and the maps they may read

/** The strip in `root`; calls onPoint(unit or null, pinned) as the pointer moves. */
export function makeLayers(root, svg, onPoint) {
  const links = makeLinks(svg);
  let network = null, stages = [], rows = [], unit = null, drawn = null;

  function build() {
    for (const row of rows) row.column.remove(), row.kernels?.column.remove();
    rows = stages.map((stage) => {
      const [maps, height, width] = stage.shape;
      const canvas = element("canvas", { tabindex: "0", role: "application", "data-layer": stage.name });
      const size = element("small", { text: height * width > 1 ? `${maps}@${height}×${width}` : String(maps) });
      const head = element("h3", { text: nameOf(stage.name) }, size);
      const row = { stage, canvas, head, column: element("div", { kind: `layer of-${stage.name}` }, head, canvas) };
      if (network.kind !== "dense" && KERNELS[stage.name]) row.kernels = kernelsOf(stage.name);
      root.append(...(row.kernels ? [row.kernels.column] : []), row.column);
      listen(row);
      return row;
    });
  }

  function kernelsOf(name) {
    const canvas = element("canvas", { role: "img", "data-kernels": name });
    const head = element("h3", { text: translate(`kernels_${name}`) });
    return { name, canvas, head, column: element("div", { kind: "layer kernels" }, head, canvas) };
  }

  function listen(row) {
    const { canvas } = row;
    canvas.addEventListener("pointermove", (event) => onPoint(hit(row, event), false));
    canvas.addEventListener("pointerleave", () => onPoint(null, false));
    canvas.addEventListener("click", (event) => {
      const found = hit(row, event);
      onPoint(same(found, unit) && canvas.dataset.pinned ? null : found, true);
    });
    canvas.addEventListener("keydown", (event) => {
      const known = event.key in STEPS || event.key in TURNS || event.key === "Escape";
      if (!known) return;
      event.preventDefault();
      if (event.key === "Escape") return onPoint(null, true);
      const here = unit?.layer === row.stage.name;
      onPoint(here ? stepped(row, unit, event.key) : start(row), true);
    });
  }

  function place() {
    drawn = null;
    const high = 2 * Math.round(Math.min(TALLEST, Math.max(HEIGHT, Math.min((root.parentElement.clientWidth * HEIGHT) / NATURAL, innerHeight - BESIDE))) / 2);
    for (const row of rows) {
      row.plan = planOf(row.stage, high);
      row.context = resized(row.canvas, row.plan.wide, row.plan.high);
      if (!row.kernels) continue;
      const { name, canvas } = row.kernels, layer = network.layers.find((one) => one.name === name);
      row.kernels.plan = kernelPlan(layer, KERNELS[name], high);
      row.kernels.context = resized(canvas, row.kernels.plan.wide, high);
    }
    for (const part of rows.flatMap((row) => (row.kernels ? [row, row.kernels] : [row])))
      [part.x, part.y] = [part.canvas.offsetLeft, part.canvas.offsetTop];
  }

  function redraw(pinned) {
    const field = unit ? dependence(network, stages, unit) : null;
    for (const row of rows) {
      row.stage = stages.find(({ name }) => name === row.stage.name);
      const read = field?.[row.stage.name], { context, canvas, plan } = row;
      context.clearRect(0, 0, plan.wide, plan.high);
      drawMaps(context, row.stage, plan, read, field !== null);
      canvas.dataset.maps = read ? read.maps.join() : "";
      canvas.dataset.field = read ? [read.box.top, read.box.left, read.box.bottom, read.box.right].join() : "";
      canvas.dataset.pinned = pinned ? "1" : "";
    }
    const now = unit ? Object.values(unit).join() : "";
    if (now === drawn) return; // drawing a digit changes neither kernels nor links
    drawn = now;
    redrawKernels();
    links.draw(rows, network.layers, field);
  }

  function redrawKernels() {
    for (const { kernels } of rows) {
      if (!kernels) continue;
      const { name, context, plan } = kernels, layer = network.layers.find((one) => one.name === name);
      context.clearRect(0, 0, plan.wide, plan.high);
      drawKernels(context, layer, plan, unit?.layer === name ? unit.map : null);
    }
  }

  function name() {
    for (const { stage, canvas, head, column, kernels } of rows) {
      const [maps, height, width] = stage.shape;
      const words = { layer: nameOf(stage.name), maps, rows: height, columns: width };
      canvas.setAttribute("aria-label", translate("grid", words));
      head.firstChild.textContent = nameOf(stage.name);
      column.title = sees(network, stage.name);
      if (!kernels) continue;
      kernels.head.textContent = translate(`kernels_${stage.name}`);
      kernels.canvas.setAttribute("aria-label", translate(stage.name === "C1" ? "kernelsC1" : "kernelsC3"));
    }
  }

  return {
    /** These stages of this network, and what this unit depends on, if there is one. */
    show(newNetwork, newStages, newUnit, pinned) {
      const fresh = network?.name !== newNetwork.name;
      if (network !== newNetwork) drawn = null;
      [network, stages, unit] = [newNetwork, newStages, newUnit];
      if (fresh) build(), name(), place();
      redraw(pinned);
    },
    /** After a change of the window, the language or the theme. */
    refresh() {
      if (rows.length) name(), place();
    },
    columnOf: (layer) => rows.find(({ stage }) => stage.name === layer)?.column,
  };
}

export const nameOf = (layer) => (layer[0] < "a" ? layer : translate(layer));

const same = (one, other) => one && other && ["layer", "map", "row", "column"].every((key) => one[key] === other[key]);

/** What a layer's units read, in words. */
export function sees(network, layer) {
  if (layer !== "output") return translate(`sees_${layer}`);
  if (network.kind === "dense") return translate("dense_output");
  return translate(network.network.head === "linear" ? "scored_output" : "sees_output");
}

/** The unit under the pointer, or null. */
function hit({ stage, plan, canvas }, event) {
  const { left, top } = canvas.getBoundingClientRect();
  return unitAt(stage, plan, event.clientX - left, event.clientY - top);
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
