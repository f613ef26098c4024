// Images that were dropped, pasted, opened or photographed: read by the server as `lenet read`
// does, or without a server preprocessed here, more simply.

import { blank } from "./canvas.js";
import { centred, quantile } from "./centre.js";

const MOST = 500; // pixels of the longer side that the page itself works on
const BINS = 128;

/** The reading of an image file as `lenet read --json` gives it, {text, confidence, digits, …}, with
 * each digit's 28×28 as `image`; throws with a message for people. */
export async function readByServer(file) {
  const body = new FormData(); // a form's answer reports errors per file
  body.append("image", file);
  const answer = await fetch("v1/read?images=1", { method: "POST", body });
  const document = await answer.json();
  if (document.error) throw new Error(document.error.message);
  const [row] = document.files;
  if (row.error) throw new Error(row.error);
  const digits = row.digits.map((digit) => ({ ...digit, image: bytes(digit.image) }));
  return { ...row, digits };
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** The digit in an image file, preprocessed here: {digits: [{image}]}, none where there is no ink. */
export async function readHere(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = blank(width, height);
  pen.drawImage(picture, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  const grey = Float32Array.from({ length: data.length / 4 }, (_, k) =>
    (0.299 * data[4 * k] + 0.587 * data[4 * k + 1] + 0.114 * data[4 * k + 2]) / 255);
  const image = centred({ width, height, values: inkOf(grey) });
  return { digits: image ? [{ image }] : [] };
}

/** Strength of writing, 0 … 1: what stands out from the commonest brightness, either way. */
function inkOf(grey) {
  const paper = quantile(grey, 0.5);
  const weight = grey.reduce((sum, value) => sum + Math.sign(paper - value) * (paper - value) ** 2, 0);
  const strength = grey.map((value) => Math.max(weight >= 0 ? paper - value : value - paper, 0));
  const threshold = otsu(strength);
  const inked = strength.filter((value) => value > threshold);
  const full = inked.length ? quantile(inked, 0.5) : 0;
  if (full < 0.06) return new Float32Array(grey.length); // grain, not ink
  const faint = threshold / 4;
  return strength.map((value) => Math.min(Math.max((value - faint) / (full - faint), 0), 1));
}

/** The threshold between two classes of least within-class variance (Otsu 1979). */
function otsu(values) {
  const most = values.reduce((a, b) => Math.max(a, b), 1e-9), counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value / most) * BINS))] += 1;
  const total = counts.reduce((sum, count, bin) => sum + count * bin, 0);
  let below = 0, sum = 0, best = 0, spread = -1;
  counts.forEach((count, bin) => {
    below += count;
    sum += count * bin;
    const above = values.length - below;
    if (!below || !above) return;
    const between = below * above * (sum / below - (total - sum) / above) ** 2;
    if (between > spread) [spread, best] = [between, bin];
  });
  return ((best + 1) / BINS) * most;
}

/** The image among what was dropped or pasted, if there is one. */
export const imageIn = (transfer) =>
  Array.from(transfer?.files ?? []).find((file) => file.type.startsWith("image/"));
