// The sliders' perturbations of the 28×28 image: shift, rotate, thicken, add noise. To which of
// them is the network invariant (section III-E)?

const SIDE = 28;
export const NEUTRAL = { right: 0, down: 0, turn: 0, thick: 0, noise: 0 };

/**
 * The changed image, 784 bytes.
 *   right, down: pixels;  turn: degrees, clockwise
 *   thick: pixels that strokes grow by, thinner below 0;  noise: standard deviation, % of full ink
 */
export function perturbed(image, { right, down, turn, thick, noise }, grain = GRAIN) {
  let values = Float32Array.from(image);
  if (thick) values = thickened(values, thick);
  if (turn || right || down) values = transformed(values, right, down, (turn * Math.PI) / 180);
  if (noise) values = values.map((value, k) => value + 2.55 * noise * grain[k]);
  return Uint8Array.from(values, (value) => Math.round(Math.min(Math.max(value, 0), 255)));
}

/** Rotated about the centre, then shifted; bilinear. */
function transformed(values, right, down, angle) {
  const middle = (SIDE - 1) / 2, cos = Math.cos(angle), sin = Math.sin(angle);
  return values.map((_, k) => {
    const x = (k % SIDE) - middle - right, y = Math.floor(k / SIDE) - middle - down;
    return between(values, middle + cos * y - sin * x, middle + cos * x + sin * y);
  });
}

function between(values, row, column) {
  const top = Math.floor(row), left = Math.floor(column), r = row - top, c = column - left;
  return (
    (1 - r) * ((1 - c) * at(values, top, left) + c * at(values, top, left + 1)) +
    r * ((1 - c) * at(values, top + 1, left) + c * at(values, top + 1, left + 1))
  );
}

function at(values, row, column) {
  const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
  return inside ? values[row * SIDE + column] : 0;
}

/** The largest (or smallest) value of a cross around each pixel, mixed in by what is left over. */
function thickened(values, amount) {
  const pick = amount > 0 ? Math.max : Math.min;
  let left = Math.abs(amount), now = values;
  while (left > 0) {
    const before = now, share = Math.min(left, 1);
    now = before.map((value, k) => {
      const row = Math.floor(k / SIDE), column = k % SIDE;
      const best = pick(
        value, at(before, row - 1, column), at(before, row + 1, column),
        at(before, row, column - 1), at(before, row, column + 1),
      );
      return value + share * (best - value);
    });
    left -= 1;
  }
  return now;
}

/** Numbers 0 < u < 1, the same every time. */
export function seeded(seed) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
}

/** Normal numbers, one a pixel. */
export function grainOf(seed) {
  const uniform = seeded(seed);
  return Float32Array.from({ length: SIDE * SIDE }, () =>
    Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

const GRAIN = grainOf(1998); // the same, so that only the slider changes the image
