// The networks' weights, each loaded when first chosen.
// As scripts, because a page opened from the disk may load scripts but not fetch.

import { layersOf } from "./network.js";

const TYPES = { float32: Float32Array, int8: Int8Array };
const loaded = new Map(), arrivals = new Map();
window.lenetNetwork = (document) => {
  const network = document.rest ? unpacked({ ...first, rounded: false }, document.rest) : unpacked(document);
  arrivals.get(document.name)(network);
  arrivals.delete(document.name);
};

/** The network in a document: its layers, and its tensors, whole numbers times their rows' scales. */
export function unpacked(document, rest = {}) {
  const tensors = {};
  for (const [name, tensor] of Object.entries(document.tensors)) {
    const { type, base64, shape, letters } = tensor;
    tensors[name] = { shape, values: letters ? fromLetters(tensor, rest[name]) : fromBase64(base64, TYPES[type]) };
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    const scales = tensors[`${name}.scale`]?.values, columns = tensor.shape[1];
    if (scales) tensor.values = Float32Array.from(tensor.values, (value, k) => value * scales[Math.floor(k / columns)]);
  }
  const network = { ...document, tensors };
  return { ...network, layers: layersOf(network) };
}

/** What is stored in base64, as an array of this type. */
export const fromBase64 = (base64, type = Uint8Array) => new type(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);

/** Numbers within 3 %, by their sign and exponent and four bits of the mantissa; with the rest, exactly. */
function fromLetters({ letters, base64, least }, rest) {
  const bits = new Uint32Array(letters.length), mantissas = fromBase64(base64);
  const digit = (k) => rest.charCodeAt(k) - 35;
  for (let k = 0; k < bits.length; k++) {
    const signed = letters.charCodeAt(k) - 91, high = k % 2 ? mantissas[k >> 1] % 16 : mantissas[k >> 1] >> 4;
    const low = rest ? 81 * (81 * digit(3 * k) + digit(3 * k + 1)) + digit(3 * k + 2) : 2 ** 18;
    bits[k] = signed && (signed % 2) * 2 ** 31 + ((signed >> 1) + least) * 2 ** 23 + high * 2 ** 19 + low;
  }
  return new Float32Array(bits.buffer);
}

const first = JSON.parse(document.getElementById("first-network").textContent);

/** The network that index.html carries, with some weights rounded. */
export const firstNetwork = () => unpacked(first);

/** The shipped network of this name; loads its script once. */
export function load(name) {
  if (!loaded.has(name))
    loaded.set(name, new Promise((resolve, reject) => {
      arrivals.set(name, resolve);
      const script = Object.assign(document.createElement("script"), { src: `networks/${name}.js` });
      script.onload = script.onerror = () => { // a script that has arrived has resolved before
        if (arrivals.has(name)) loaded.delete(name);
        reject(new Error(script.src));
      };
      document.head.append(script);
    }));
  return loaded.get(name);
}
