// What one unit depends on, and the sum that gives its value.

import { kernelStart, valueOf } from "./network.js";

/** For every layer up to the unit's own: {maps, box: {top, left, bottom, right}}, by its name. */
export function dependence(network, stages, { layer, map, row, column }) {
  let maps = [map], box = { top: row, left: column, bottom: row + 1, right: column + 1 };
  const found = { [layer]: { maps, box } };
  for (let index = stages.findIndex(({ name }) => name === layer); index > 0; index--) {
    const { side, step, reads } = network.layers[index - 1];
    box = {
      top: box.top * step, left: box.left * step,
      bottom: (box.bottom - 1) * step + side, right: (box.right - 1) * step + side,
    };
    maps = [...new Set(maps.flatMap((number) => reads(number)))].sort((a, b) => a - b);
    found[stages[index - 1].name] = { maps, box };
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
  const layer = network.layers[index - 1], { name, shape: [, height, width], values } = stages[index - 1];
  const { maps, box } = dependence(network, stages, unit)[name], squared = layer.terms === "squares";
  const parts = maps.map((map) => {
    const inputs = [], start = kernelStart(layer, unit.map, map);
    for (let row = box.top; row < box.bottom; row++)
      for (let column = box.left; column < box.right; column++)
        inputs.push(values[(map * height + row) * width + column]);
    const best = inputs.indexOf(Math.max(...inputs)); // of a maximum only the largest input counts
    const weights = inputs.map((_, k) =>
      (layer.terms === "largest" ? Number(k === best) : layer.weights[start + k]));
    const products = inputs.map((input, k) => (squared ? (input - weights[k]) ** 2 : input * weights[k]));
    return { map, inputs, weights, products };
  });
  const sum = parts.flatMap(({ products }) => products).reduce((a, b) => a + b, 0);
  const bias = layer.bias[unit.map], value = valueOf(stages, unit);
  return { below: name, parts, columns: box.right - box.left, bias, sum, total: sum + bias, value, squared };
}
