// The error flows back: the slope of a penalty in every value and every weight of the 1998 network.

import { kernelStart } from "./network.js";

/**
 * {values, weights, biases}: by layer, how the penalty of this digit grows with each of them.
 * values[k] belongs to stages[k], weights[k] and biases[k] to layers[k].
 */
export function slopes(layers, stages, digit) {
  const found = { values: stages.map(({ values }) => new Float64Array(values.length)), weights: [], biases: [] };
  found.values.at(-1)[digit] = 1;
  for (let index = layers.length - 1; index >= 0; index--)
    [found.weights[index], found.biases[index]] = back(layers[index], stages[index], stages[index + 1], found.values[index], found.values[index + 1]);
  return found;
}

/** Through one layer: adds to `below` from `above`, both slopes in values; gives those in weights and biases. */
function back(layer, { shape: [, height, width], values: inputs }, { values }, below, above) {
  const { shape: [maps, rows, columns], side, step, reads, weights, terms } = layer, squared = terms === "squares";
  const inWeights = new Float64Array(weights.length), inBiases = new Float64Array(maps);
  for (let map = 0, k = 0; map < maps; map++) {
    const kernels = reads(map).map((source) => [source * height, kernelStart(layer, map, source)]);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, k++) {
        const slope = above[k] * (squared ? 1 : (2 / 3) * (1.7159 - values[k] ** 2 / 1.7159)); // of eq. 6
        if (slope === 0) continue;
        inBiases[map] += slope;
        for (const [top, kernel] of kernels)
          for (let r = 0, w = kernel; r < side; r++) {
            const from = (top + row * step + r) * width + column * step;
            for (let c = 0; c < side; c++, w++) {
              const difference = squared ? 2 * (inputs[from + c] - weights[w]) : 0;
              below[from + c] += slope * (squared ? difference : weights[w]);
              inWeights[w] += slope * (squared ? -difference : inputs[from + c]);
            }
          }
      }
  }
  return [step === 1 ? inWeights : summed(inWeights), inBiases];
}

/** A coefficient of S2 or S4 stands four times among the weights: its slope is the sum of theirs. */
function summed(weights) {
  return weights.map((_, k) => [0, 1, 2, 3].reduce((sum, other) => sum + weights[k - (k % 4) + other], 0));
}

/** The layers after one step of this size down the slopes; the codes stay. */
export function updated(layers, { weights, biases }, rate) {
  const down = (values, slope) => values.map((value, k) => value - rate * slope[k]);
  return layers.map((layer, k) => (layer.terms === "squares" ? layer
    : { ...layer, weights: down(layer.weights, weights[k]), bias: down(layer.bias, biases[k]) }));
}
