// The networks in plain JavaScript: every stage of one digit image, as in `LeNet5.stages`.
// A stage is {name, shape: [maps, rows, columns], values}, in double precision.

export const SIDE = 28, PLANE = 32, OFFSET = 2, PAPER = -0.1, INK = 1.175;

const SQUASHES = {
  "scaled tanh": (a) => 1.7159 * Math.tanh((2 / 3) * a),
  "tanh": Math.tanh,
  "relu": (a) => Math.max(a, 0),
  "silu": (a) => a / (1 + Math.exp(-a)),
};

/** The forward pass of a digit image, 784 bytes, 0 paper … 255 ink. */
export function forward(network, image) {
  const stages = network.kind === "dense" ? denseStages(network, image) : lenetStages(network, image);
  const penalties = stages[stages.length - 1].values;
  const probabilities = confidences(penalties, network.temperature);
  const value = penalties.indexOf(Math.min(...penalties));
  return { stages, penalties, probabilities, value, confidence: probabilities[value] };
}

/** Softmax of −penalty / temperature: eq. 9 without a rubbish class. */
export function confidences(penalties, temperature) {
  const best = Math.min(...penalties);
  const weights = Array.from(penalties, (penalty) => Math.exp((best - penalty) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight);
  return weights.map((weight) => weight / total);
}

function lenetStages(network, image) {
  const { subsampling, squash: name, head, c3_inputs: table } = network.network;
  const squash = SQUASHES[name], t = network.tensors;
  const all = (count) => Array.from({ length: count }, (_, k) => k);
  const pool = subsampling === "trainable" ? trainable : subsampling === "average" ? average : largest;
  const input = plane(image);
  const c1 = convolved("C1", input, t["c1.weight"], t["c1.bias"], Array(6).fill([0]), squash);
  const s2 = pooled("S2", c1, pool(t, "s2", squash));
  const c3 = convolved("C3", s2, t["c3.weight"], t["c3.bias"], table, squash);
  const s4 = pooled("S4", c3, pool(t, "s4", squash));
  const c5 = convolved("C5", s4, t["c5.weight"], t["c5.bias"], Array(120).fill(all(16)), squash);
  const f6 = connected("F6", c5, t["f6.weight"], t["f6.bias"], squash);
  const output = head === "rbf"
    ? distances(f6, t["output.codes"].values)
    : connected("output", f6, t["output.weight"], t["output.bias"], (score) => -score);
  return [input, c1, s2, c3, s4, c5, f6, output];
}

function denseStages(network, image) {
  const squash = SQUASHES[network.network.squash], t = network.tensors;
  const input = stage("input", 1, SIDE, SIDE);
  image.forEach((byte, k) => { input.values[k] = ink(byte); });
  const hidden = connected("hidden", input, t["layer1.weight"], t["layer1.bias"], squash);
  const classes = connected("classes", hidden, t["layer2.weight"], t["layer2.bias"], squash);
  return [input, hidden, classes, distances(classes, PLACE_CODES)];
}

/** +1 for the class and −1 for the nine others. */
export const PLACE_CODES = Float32Array.from({ length: 100 }, (_, k) => (k % 11 === 0 ? 1 : -1));

const ink = (byte) => (byte / 255) * (INK - PAPER) + PAPER;

function stage(name, maps, rows, columns) {
  return { name, shape: [maps, rows, columns], values: new Float64Array(maps * rows * columns) };
}

function plane(image) {
  const result = stage("input", 1, PLANE, PLANE);
  result.values.fill(PAPER);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      result.values[(row + OFFSET) * PLANE + column + OFFSET] = ink(image[row * SIDE + column]);
  return result;
}

/** 5×5 fields of the maps below that the table names; one kernel for all places of a map. */
function convolved(name, below, weight, bias, table, squash) {
  const [, height, width] = below.shape, sources = weight.shape[1];
  const result = stage(name, weight.shape[0], height - 4, width - 4);
  const [maps, rows, columns] = result.shape;
  for (let map = 0, k = 0; map < maps; map++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, k++) {
        let sum = bias.values[map];
        for (const source of table[map])
          for (let r = 0; r < 5; r++) {
            const from = (source * height + row + r) * width + column;
            const kernel = ((map * sources + source) * 5 + r) * 5;
            for (let c = 0; c < 5; c++) sum += below.values[from + c] * weight.values[kernel + c];
          }
        result.values[k] = squash(sum);
      }
  return result;
}

/** 2×2 fields, each reduced to one value by `pool`, a function of the map and the four values. */
function pooled(name, below, pool) {
  const [maps, height, width] = below.shape;
  const result = stage(name, maps, height / 2, width / 2);
  for (let map = 0, k = 0; map < maps; map++)
    for (let row = 0; row < height; row += 2)
      for (let column = 0; column < width; column += 2, k++) {
        const at = (map * height + row) * width + column, v = below.values;
        result.values[k] = pool(map, v[at], v[at + 1], v[at + width], v[at + width + 1]);
      }
  return result;
}

const trainable = (t, layer, squash) => (map, a, b, c, d) =>
  squash(t[`${layer}.coefficient`].values[map] * (a + b + c + d) + t[`${layer}.bias`].values[map]);
const average = () => (map, a, b, c, d) => (a + b + c + d) / 4;
const largest = () => (map, ...four) => Math.max(...four);

/** Units that each read every value below. */
function connected(name, below, weight, bias, squash) {
  const result = stage(name, weight.shape[0], 1, 1), inputs = below.values.length;
  for (let unit = 0; unit < result.values.length; unit++) {
    let sum = bias.values[unit];
    for (let k = 0; k < inputs; k++) sum += below.values[k] * weight.values[unit * inputs + k];
    result.values[unit] = squash(sum);
  }
  return result;
}

/** The squared distance to each of ten codes (eq. 7). */
function distances(below, codes) {
  const result = stage("output", 10, 1, 1), inputs = below.values.length;
  for (let digit = 0; digit < 10; digit++)
    for (let k = 0; k < inputs; k++)
      result.values[digit] += (below.values[k] - codes[digit * inputs + k]) ** 2;
  return result;
}
