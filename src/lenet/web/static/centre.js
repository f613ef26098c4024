// A drawing becomes the 28×28 image the network sees, as MNIST's digits were made and as
// `lenet.preprocessing.centre` does it: longer side 20 pixels, centre of mass in the middle.

const SIDE = 28, BOX = 20, CENTRE = 14, INKED = 0.5, FULL_QUANTILE = 0.75;

/** 784 bytes, 0 paper … 255 ink, from ink {width, height, values 0 … 1}; null without ink. */
export function centred(ink) {
  const box = inkBox(ink);
  if (!box) return null;
  const digit = shrunk(cropped(ink, box));
  let total = 0, down = 0, across = 0;
  digit.values.forEach((value, k) => {
    total += value;
    down += Math.floor(k / digit.width) * value;
    across += (k % digit.width) * value;
  });
  const place = (mean, side) => Math.min(Math.max(0, rounded(CENTRE - mean)), SIDE - side);
  const top = place(down / total, digit.height), left = place(across / total, digit.width);
  const image = new Uint8Array(SIDE * SIDE);
  digit.values.forEach((value, k) => {
    const row = top + Math.floor(k / digit.width), column = left + (k % digit.width);
    image[row * SIDE + column] = rounded(value * 255);
  });
  return image;
}

/** The nearest whole number, of two the even one, as Python and numpy round. */
function rounded(value) {
  const low = Math.floor(value), part = value - low;
  return part === 0.5 ? low + (low % 2) : Math.round(value);
}

/** The tight box around the strokes, {top, left, bottom, right}; null if there are none. */
export function inkBox({ width, height, values }) {
  let top = height, left = width, bottom = 0, right = 0;
  for (let k = 0; k < values.length; k++) {
    if (values[k] < INKED) continue;
    const row = Math.floor(k / width), column = k % width;
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
  }
  return bottom ? { top, left, bottom, right } : null;
}

function cropped({ width, values }, { top, left, bottom, right }) {
  const cut = new Float32Array((bottom - top) * (right - left));
  for (let row = top; row < bottom; row++)
    cut.set(values.subarray(row * width + left, row * width + right), (row - top) * (right - left));
  return { width: right - left, height: bottom - top, values: cut };
}

/** The digit in its 20×20 square, its pen brought up to full ink. */
function shrunk(ink) {
  const scale = BOX / Math.max(ink.width, ink.height);
  const size = [ink.width, ink.height].map((side) => Math.max(1, rounded(side * scale)));
  const filter = scale < 1 ? BOX_FILTER : BICUBIC;
  const lines = resampled(ink, size[0], filter); // along the rows, then along the columns
  const small = turned(resampled(turned(lines), size[1], filter));
  const values = small.values.map((value) => Math.min(Math.max(value, 0), 1));
  const most = Math.max(...values);
  const full = quantile(values.filter((value) => value > 0.1 * most), FULL_QUANTILE);
  return { ...small, values: values.map((value) => Math.min(value / full, 1)) };
}

/** The quantile of a Float32Array, between two of its numbers in proportion. */
export function quantile(values, share) {
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1), low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

// As Pillow resamples: how far a filter reaches, and its weight at a distance.
const BOX_FILTER = { reach: 0.5, weight: (d) => (d > -0.5 && d <= 0.5 ? 1 : 0) };
const BICUBIC = {
  reach: 2,
  weight: (d) => {
    const x = Math.abs(d), a = -0.5;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
};

/** Every row brought to another width. */
function resampled({ width, height, values }, wide, { reach, weight }) {
  const scale = width / wide, wider = Math.max(scale, 1);
  const resized = new Float32Array(wide * height);
  for (let column = 0; column < wide; column++) {
    const middle = (column + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - reach * wider + 0.5));
    const last = Math.min(width, Math.trunc(middle + reach * wider + 0.5));
    const weights = [];
    for (let at = first; at < last; at++) weights.push(weight((at - middle + 0.5) / wider));
    const total = weights.reduce((a, b) => a + b, 0);
    for (let row = 0; row < height; row++) {
      let sum = 0;
      for (let at = first; at < last; at++) sum += values[row * width + at] * weights[at - first];
      resized[row * wide + column] = sum / total;
    }
  }
  return { width: wide, height, values: resized };
}

/** Rows as columns. */
function turned({ width, height, values }) {
  const resized = values.map((_, k) => values[(k % height) * width + Math.floor(k / height)]);
  return { width: height, height: width, values: resized };
}
