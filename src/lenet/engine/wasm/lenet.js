// Reads lines of handwritten digits without a server: lenet's compiled kernels in WebAssembly.
//
//     import { Reader } from "./lenet.js";
//     const reader = await Reader.load();  // lenet.wasm and reader.safetensors beside this file
//     const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
//     const pixels = data.filter((_, k) => k % 4 === 0);  // where red, green and blue are equal
//     const line = reader.readLine({ pixels, width, height });
//     console.log(line?.text, line?.confidence);

const MAX_PIXELS = 2 ** 26; // 256 MB as floats, of which the kernels make copies
const SHADES = Float32Array.from({ length: 256 }, (_, value) => value / 255);
const DIGIT_PIXELS = 28 * 28;
const FIELDS = 5; // of what read_line in csrc/wasm.cpp gives
const NO_SUCH_CALL = 52; // WASI's ENOSYS; the kernels need nothing of it

async function bytesOf(source) {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source))
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

// The functions of an instance, and its memory. What they refuse ends it.
class Kernels {
  static async load(program) {
    let kernels = null;
    const refuse = (why) => {
      throw new Error(kernels.string(why));
    };
    const absent = () => NO_SUCH_CALL;
    const { instance } = await WebAssembly.instantiate(program, {
      lenet: { refuse },
      wasi_snapshot_preview1: { fd_close: absent, fd_seek: absent, fd_write: absent },
    });
    kernels = new Kernels(instance.exports);
    kernels.call._initialize();
    return kernels;
  }

  constructor(call) {
    this.call = call;
  }

  copy(Numbers, at, count) {
    return new Numbers(this.call.memory.buffer, at, count).slice();
  }

  string(at) {
    const bytes = new Uint8Array(this.call.memory.buffer, at);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }

  // What `work` gives for the address of these numbers in memory, where they stay until then.
  lend(numbers, work) {
    const at = this.call.malloc(numbers.byteLength);
    if (at === 0) throw new RangeError(`no memory for ${numbers.byteLength} bytes`);
    new numbers.constructor(this.call.memory.buffer, at, numbers.length).set(numbers);
    const found = work(at);
    this.call.free(at);
    return found;
  }

  lendName(name, work) {
    return this.lend(new TextEncoder().encode(`${name}\0`), work);
  }
}

// The header and the tensors' bytes of a safetensors file.
function safetensors(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...tensors } = JSON.parse(
    new TextDecoder().decode(file.subarray(8, start)),
  );
  return { metadata, tensors, bytes: file.slice(start) };
}

// Gives the kernels a file of lenet/lines/wasm_lines.py; returns its settings.
function setWeights(kernels, file) {
  const { metadata, tensors, bytes } = safetensors(file);
  const { call } = kernels;
  const settings = JSON.parse(metadata.settings);
  for (const [step, numbers] of Object.entries(settings))
    kernels.lendName(step, (at) => {
      for (const [name, number] of Object.entries(numbers))
        kernels.lendName(name, (key) => call.set_number(at, key, number));
    });
  kernels.lend(bytes, (at) => {
    for (const [name, tensor] of Object.entries(tensors)) {
      const sides = [...tensor.shape, 1, 1, 1].slice(0, 4);
      const numbers = at + tensor.data_offsets[0];
      kernels.lendName(name, (key) => call.set_tensor(key, numbers, ...sides));
    }
    call.make_reader();
  });
  return settings;
}

// As lenet/lines/combine.py: which text is the best, and the probability of each.
function combine(texts, settings) {
  const { sdnn_weight: weight, text_temperature: temperature } = settings.weights;
  const least = settings.combine.MIN_LOG_PROB;
  const scores = texts.map(
    ({ graph, sdnn }) => Math.max(graph, least) + weight * Math.max(sdnn, least),
  );
  const highest = Math.max(...scores);
  const shares = scores.map((score) => Math.exp((score - highest) / temperature));
  const sum = shares.reduce((total, share) => total + share);
  return { best: scores.indexOf(highest), probabilities: shares.map((share) => share / sum) };
}

// For each position of the best text the probability of each digit.
function digitProbabilities(texts, best) {
  const alike = texts.filter(({ text }) => text.length === best.length);
  return Array.from(best, (_, position) => {
    const found = new Array(10).fill(0);
    for (const { text, probability } of alike) found[text[position]] += probability;
    return found;
  });
}

function greyOf({ pixels, width, height }) {
  const sides = [width, height].every((side) => Number.isInteger(side) && side > 0);
  if (!sides || width * height > MAX_PIXELS || pixels.length !== width * height)
    throw new RangeError(
      `expected width × height grey pixels, 1 … ${MAX_PIXELS}; ` +
        `got ${pixels.length} for ${width} × ${height}`,
    );
  if (pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)
    return Float32Array.from(pixels, (value) => SHADES[value]);
  if (pixels instanceof Float32Array && pixels.every((value) => value >= 0 && value <= 1))
    return pixels;
  throw new TypeError("expected pixels as bytes, or a Float32Array of 0 (black) … 1 (white)");
}

export class Reader {
  #kernels;
  #settings;

  // program, weights: bytes, or an address to fetch them from; by default, beside this file.
  static async load({
    program = new URL("lenet.wasm", import.meta.url),
    weights = new URL("reader.safetensors", import.meta.url),
  } = {}) {
    const [code, file] = await Promise.all([bytesOf(program), bytesOf(weights)]);
    const reader = new Reader();
    reader.#kernels = await Kernels.load(code);
    reader.#settings = setWeights(reader.#kernels, file);
    return reader;
  }

  // One line, as LineReader.read of lenet/lines: grey pixels row by row, dark on light or the
  // reverse; `closer` enlarges low text. Null without ink, otherwise
  //   text, confidence : its digits, and the probability that they are right
  //   digits : of each the box {top, left, bottom, right}, the image (28 × 28 bytes, 255 ink) and
  //     the probabilities of 0 … 9
  //   texts : all that it may be, each with its probability and its log-probabilities by the
  //     segmentation graph and by the SDNN
  readLine(line, { closer = true } = {}) {
    const { width, height } = line;
    const grey = greyOf(line);
    try {
      const read = (at) => this.#kernels.call.read_line(at, height, width, closer);
      const fields = this.#kernels.lend(grey, read);
      return fields === 0 ? null : this.#described(fields);
    } catch (cause) {
      this.#kernels = null; // they stopped midway
      throw new Error(`${width} × ${height} pixels are too many; load a new Reader`, { cause });
    }
  }

  #described(fields) {
    const kernels = this.#kernels;
    const places = kernels.copy(Uint32Array, fields, 2 * FIELDS);
    const field = (k, Numbers) => kernels.copy(Numbers, places[2 * k], places[2 * k + 1]);
    const graph = field(1, Float64Array);
    const sdnn = field(2, Float64Array);
    const lines = new TextDecoder().decode(field(0, Uint8Array)).split("\n").slice(0, -1);
    const texts = lines.map((text, k) => ({ text, graph: graph[k], sdnn: sdnn[k] }));
    const { best, probabilities } = combine(texts, this.#settings);
    texts.forEach((text, k) => Object.assign(text, { probability: probabilities[k] }));
    const { text, probability: confidence } = texts[best];
    const boxes = Array.from(field(3, BigInt64Array), Number);
    const images = field(4, Uint8Array);
    const digits = digitProbabilities(texts, text).map((of, k) => {
      const [top, left, bottom, right] = boxes.slice(4 * k, 4 * k + 4);
      const image = images.slice(DIGIT_PIXELS * k, DIGIT_PIXELS * (k + 1));
      return { box: { top, left, bottom, right }, image, probabilities: of };
    });
    return { text, confidence, digits, texts };
  }
}
