// The networks' weights, each loaded when first chosen.
// As scripts, because a page opened from the disk may load scripts but not fetch.

import { layersOf } from "./network.js";

const TYPES = { float32: Float32Array, int8: Int8Array };
const loaded = new Map(), arrivals = new Map();
window.lenetNetwork = (document) => {
  arrivals.get(document.name)(unpacked(document));
  arrivals.delete(document.name);
};

/** The network in a document: its layers, and its tensors, whole numbers times their rows' scales. */
export function unpacked(document) {
  const tensors = {};
  for (const [name, { type, base64, shape }] of Object.entries(document.tensors)) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    tensors[name] = { shape, values: new TYPES[type](bytes.buffer) };
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    const scales = tensors[`${name}.scale`]?.values, columns = tensor.shape[1];
    if (scales) tensor.values = Float32Array.from(tensor.values, (value, k) => value * scales[Math.floor(k / columns)]);
  }
  const network = { ...document, tensors };
  return { ...network, layers: layersOf(network) };
}

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
