// What one unit depends on, and the sum that gives its value.

import { PLACE_CODES } from "./network.js";

// What a unit sees of each map it reads: side×side values, and the step between neighbours.
const WINDOWS = { C1: [5, 1], S2: [2, 2], C3: [5, 1], S4: [2, 2], C5: [5, 1], hidden: [28, 1] };
const ONE = [1, 1];

/** The maps of the layer below that map `map` of a layer reads. */
function reads(network, layer, map, below) {
  if (layer === "C3") return network.network.c3_inputs[map];
  if (layer === "S2" || layer === "S4") return [map];
  return Array.from({ length: below.shape[0] }, (_, k) => k);
}

/** For every layer up to the unit's own: {maps, box: {top, left, bottom, right}}, by its name. */
export function dependence(network, stages, { layer, map, row, column }) {
  let index = stages.findIndex(({ name }) => name === layer);
  let box = { top: row, left: column, bottom: row + 1, right: column + 1 };
  let maps = new Set([map]);
  const found = { [layer]: { maps: [map], box } };
  for (; index > 0; index--) {
    const [side, step] = WINDOWS[stages[index].name] ?? ONE, below = stages[index - 1];
    box = {
      top: box.top * step, left: box.left * step,
      bottom: (box.bottom - 1) * step + side, right: (box.right - 1) * step + side,
    };
    maps = new Set([...maps].flatMap((m) => reads(network, stages[index].name, m, below)));
    found[below.name] = { maps: [...maps].sort((a, b) => a - b), box };
  }
  return found;
}

/**
 * The unit's sum, term by term: contributions added up, plus the bias, make the total, which is
 * squashed to the value. Each of `parts` is one map read: {map, inputs, weights, products}, rows
 * of `columns` numbers. For an RBF unit `products` are squared differences.
 */
export function unitBreakdown(network, stages, unit) {
  const index = stages.findIndex(({ name }) => name === unit.layer);
  const below = stages[index - 1], { maps, box } = dependence(network, stages, unit)[below.name];
  const [, height, width] = below.shape;
  const { weightOf, bias, squared } = rule(network, unit, below);
  const parts = maps.map((map) => {
    const part = { map, inputs: [], weights: [], products: [] };
    for (let row = box.top; row < box.bottom; row++)
      for (let column = box.left; column < box.right; column++) {
        const input = below.values[(map * height + row) * width + column];
        const weight = weightOf(map, row - box.top, column - box.left, part.inputs.length);
        part.inputs.push(input);
        part.weights.push(weight);
        part.products.push(squared ? (input - weight) ** 2 : input * weight);
      }
    return part;
  });
  if (network.network.subsampling === "max" && WINDOWS[unit.layer]?.[0] === 2) keepLargest(parts[0]);
  const sum = parts.flatMap(({ products }) => products).reduce((a, b) => a + b, 0);
  const stage = stages[index], [, rows, columns] = stage.shape;
  const value = stage.values[(unit.map * rows + unit.row) * columns + unit.column];
  return { below: below.name, parts, columns: box.right - box.left, bias, sum, total: sum + bias, value, squared };
}

/** Where a layer's weights stand: weightOf(map, row, column in the field), bias, how terms add. */
function rule(network, { layer, map }, below) {
  const t = network.tensors, { head, subsampling } = network.network, low = layer.toLowerCase();
  const inputs = below.values.length;
  if (["C1", "C3", "C5"].includes(layer)) {
    const { shape, values } = t[`${low}.weight`];
    const weightOf = (source, r, c) => values[((map * shape[1] + source) * 5 + r) * 5 + c];
    return { weightOf, bias: t[`${low}.bias`].values[map] };
  }
  if (layer === "S2" || layer === "S4") {
    if (subsampling !== "trainable") return { weightOf: () => 0.25, bias: 0 };
    return { weightOf: () => t[`${low}.coefficient`].values[map], bias: t[`${low}.bias`].values[map] };
  }
  if (layer === "output" && head !== "linear") {
    const codes = network.kind === "dense" ? PLACE_CODES : t["output.codes"].values;
    return { weightOf: (source) => codes[map * inputs + source], bias: 0, squared: true };
  }
  const name = { F6: "f6", output: "output", hidden: "layer1", classes: "layer2" }[layer];
  const sign = layer === "output" ? -1 : 1; // the lowest wins, so a penalty is minus the score
  const values = t[`${name}.weight`].values;
  const wide = below.shape[2];
  const weightOf = (source, r, c) => sign * values[map * inputs + source + r * wide + c];
  return { weightOf, bias: sign * t[`${name}.bias`].values[map] };
}

/** Of a maximum only the largest input counts. */
function keepLargest(part) {
  const best = part.inputs.indexOf(Math.max(...part.inputs));
  part.weights = part.weights.map((_, k) => Number(k === best));
  part.products = part.inputs.map((input, k) => input * part.weights[k]);
}
