// The networks in plain JavaScript, in double precision. Every layer is described once, for the
// forward pass, as in `LeNet5.stages`, and for what a single unit depends on.
// A stage is {name, shape: [maps, rows, columns], values}.

const SIDE = 28, BORDER = 2, PAPER = -0.1, INK = 1.175;

const same = (a) => a;
const SQUASHES = {
  "scaled tanh": (a) => 1.7159 * Math.tanh((2 / 3) * a),
  "tanh": Math.tanh,
  "relu": (a) => Math.max(a, 0),
  "silu": (a) => a / (1 + Math.exp(-a)),
};
// What a term adds: "squares" are the RBF units' (eq. 7), "largest" is max pooling.
const TERMS = {
  products: (sum, input, weight) => sum + input * weight,
  squares: (sum, input, weight) => sum + (input - weight) ** 2,
  largest: (sum, input) => Math.max(sum, input),
};

/** The forward pass of a digit image, 784 bytes, 0 paper … 255 ink. */
export function forward(network, image) {
  const stages = stagesOf(network.layers, inputStage(image, network.kind === "dense" ? 0 : BORDER));
  const penalties = stages.at(-1).values;
  const probabilities = confidences(penalties, network.temperature);
  const value = penalties.indexOf(Math.min(...penalties));
  return { stages, penalties, probabilities, value, confidence: probabilities[value] };
}

/** The input and every layer after it. */
export function stagesOf(layers, input) {
  const stages = [input];
  for (const layer of layers) stages.push(stageOf(layer, stages.at(-1)));
  return stages;
}

/** The same layers on an input of so many columns (section VII): every output becomes a row of outputs. */
export function widened(layers, columns) {
  return layers.map((layer) => {
    columns = Math.floor((columns - layer.side) / layer.step) + 1;
    return { ...layer, shape: [layer.shape[0], layer.shape[1], columns] };
  });
}

/** Softmax of −penalty / temperature: eq. 9 without a rubbish class. */
export function confidences(penalties, temperature) {
  const best = Math.min(...penalties);
  const weights = Array.from(penalties, (penalty) => Math.exp((best - penalty) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight);
  return weights.map((weight) => weight / total);
}

/**
 * A network's layers after the input. A unit of map `map` reads side×side values of each of the
 * maps reads(map) below, its neighbour those `step` further; its value is squash(bias + terms).
 *   weights: kernel by kernel, for each map one a map below, or one for all;  terms: a key of TERMS
 */
export function layersOf({ kind, network, tensors: t }) {
  const { subsampling, head, c3_inputs: table } = network, squash = SQUASHES[network.squash];
  const trained = subsampling === "trainable", zeros = (maps) => new Float32Array(maps);
  const all = (maps) => () => Array.from({ length: maps }, (_, k) => k);
  const units = (count) => [count, 1, 1];

  const weighted = (name, shape, side, reads, key = name.toLowerCase()) => ({
    name, shape, side, step: 1, reads, squash, terms: "products",
    weights: t[`${key}.weight`].values, bias: t[`${key}.bias`].values,
  });
  const pooled = (name, shape, key = name.toLowerCase()) => ({
    name, shape, side: 2, step: 2, reads: (map) => [map], squash: trained ? squash : same,
    terms: subsampling === "max" ? "largest" : "products",
    weights: Float32Array.from({ length: 4 * shape[0] }, (_, k) =>
      (trained ? t[`${key}.coefficient`].values[k >> 2] : 0.25)),
    bias: trained ? t[`${key}.bias`].values : zeros(shape[0]),
  });
  const output = (reads, weights, bias, terms) =>
    ({ name: "output", shape: units(10), side: 1, step: 1, reads, squash: same, terms, weights, bias });

  if (kind === "dense") {
    const hidden = t["layer1.bias"].values.length;
    return [
      weighted("hidden", units(hidden), SIDE, all(1), "layer1"),
      weighted("classes", units(10), 1, all(hidden), "layer2"),
      output(all(10), PLACE_CODES, zeros(10), "squares"),
    ];
  }
  const minus = (values) => values.map((value) => -value); // a penalty is minus the score
  return [
    weighted("C1", [6, 28, 28], 5, all(1)),
    pooled("S2", [6, 14, 14]),
    weighted("C3", [16, 10, 10], 5, (map) => table[map]),
    pooled("S4", [16, 5, 5]),
    weighted("C5", units(120), 5, all(16)),
    weighted("F6", units(84), 1, all(120)),
    head === "rbf"
      ? output(all(84), t["output.codes"].values, zeros(10), "squares")
      : output(all(84), minus(t["output.weight"].values), minus(t["output.bias"].values), "products"),
  ];
}

/** +1 for the class and −1 for the nine others. */
const PLACE_CODES = Float32Array.from({ length: 100 }, (_, k) => (k % 11 === 0 ? 1 : -1));

/** Where in a layer's weights the kernel starts with which map `map` reads map `source`. */
export function kernelStart({ shape: [maps], side, weights }, map, source) {
  const kernels = weights.length / (maps * side * side); // a map
  return (map * kernels + (source % kernels)) * side * side;
}

function stageOf(layer, { shape: [, height, width], values: inputs }) {
  const { name, shape, side, step, reads, weights, bias, squash, terms } = layer;
  const [maps, rows, columns] = shape, add = TERMS[terms];
  const values = new Float64Array(maps * rows * columns);
  for (let map = 0, k = 0; map < maps; map++) {
    const kernels = reads(map).map((source) => [source * height, kernelStart(layer, map, source)]);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, k++) {
        let sum = terms === "largest" ? -Infinity : bias[map];
        for (const [top, kernel] of kernels)
          for (let r = 0, w = kernel; r < side; r++) {
            const from = (top + row * step + r) * width + column * step;
            for (let c = 0; c < side; c++, w++) sum = add(sum, inputs[from + c], weights[w]);
          }
        values[k] = squash(sum);
      }
  }
  return { name, shape, values };
}

/** An image of 28 rows as numbers, with a border of bare paper. */
export function inputStage(image, border = BORDER) {
  const columns = image.length / SIDE, [rows, wide] = [SIDE + 2 * border, columns + 2 * border];
  const values = new Float64Array(rows * wide).fill(PAPER);
  image.forEach((byte, k) => {
    const row = Math.floor(k / columns) + border, column = (k % columns) + border;
    values[row * wide + column] = (byte / 255) * (INK - PAPER) + PAPER;
  });
  return { name: "input", shape: [1, rows, wide], values };
}

/** The unit's value among these stages. */
export function valueOf(stages, { layer, map, row, column }) {
  const { shape: [, rows, columns], values } = stages.find(({ name }) => name === layer);
  return values[(map * rows + row) * columns + column];
}
