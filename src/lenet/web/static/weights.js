// The networks' weights, each loaded when first chosen.
// As scripts, because a page opened from the disk may load scripts but not fetch.

const READERS = {
  float32: (bytes) => new Float32Array(bytes.buffer),
  int8: (bytes) => new Int8Array(bytes.buffer),
};
const loaded = new Map();

/** The network in a document: its tensors as arrays, whole numbers times their rows' scales. */
export function unpacked(document) {
  const tensors = {};
  for (const [name, { type, base64, shape }] of Object.entries(document.tensors)) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    tensors[name] = { shape, values: READERS[type](bytes) };
  }
  for (const name of Object.keys(tensors)) {
    const scale = tensors[`${name}.scale`];
    if (scale) tensors[name].values = scaled(tensors[name], scale.values);
  }
  return { ...document, tensors };
}

function scaled({ shape, values }, scales) {
  const columns = shape[1];
  return Float32Array.from(values, (value, k) => value * scales[Math.floor(k / columns)]);
}

/** The shipped network of this name; loads its script once. */
export function load(name) {
  if (!loaded.has(name)) {
    loaded.set(name, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `networks/${name}.js`;
      script.onerror = () => {
        loaded.delete(name);
        reject(new Error(script.src));
      };
      window.lenetArrivals ??= {};
      window.lenetArrivals[name] = resolve;
      window.lenetNetwork = (content) => window.lenetArrivals[content.name](unpacked(content));
      document.head.append(script);
    }));
  }
  return loaded.get(name);
}
