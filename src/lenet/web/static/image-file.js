// Images that were dropped, pasted, opened or photographed: read by the server as `lenet read`
// does, or without a server preprocessed here, more simply.

import { blank } from "./canvas.js";
import { centred, quantile } from "./centre.js";
import { fromBase64 } from "./weights.js";

const MOST = 500; // pixels of the longer side that the page itself works on
const BINS = 128;
const LARGEST = 32 * 2 ** 20; // bytes of a request, as the server has it
// How files begin, read as Latin-1.
const IMAGES = /^(\x89PNG|\xff\xd8\xff|II\*\0|MM\0\*|BM|GIF8|RIFF[^]{4}WEBP|P[1-6]\s)/;
const HEIC = /^[^]{4}ftyp(hei|hev|mif1|msf1)/;
const SERVER_ERRORS = { too_large: "fileLarge", busy: "serverBusy", not_ready: "serverBusy", timeout: "serverBusy", no_token: "serverToken" };

/** What a person did or met, as a key of the texts. */
export class Refusal extends Error {}

/** Refuse what is no image, before it is sent anywhere. */
async function check(file) {
  const head = new Uint8Array(await file.slice(0, 1024).arrayBuffer().catch(() => {
    throw new Refusal("fileOther"); // a folder, or a file that was taken away
  }));
  const start = String.fromCharCode(...head);
  if (!file.size) throw new Refusal("fileEmpty");
  if (file.size > LARGEST) throw new Refusal("fileLarge");
  if (start.includes("%PDF-")) throw new Refusal("filePdf");
  if (HEIC.test(start)) throw new Refusal("fileHeic");
  if (!IMAGES.test(start)) throw new Refusal("fileOther");
}

/** The reading of an image file as `lenet read --json` gives it, with each digit's 28×28 as `image`;
 * throws a Refusal. */
export async function readByServer(file) {
  await check(file);
  const body = new FormData(); // a form's answer reports errors per file
  body.append("image", file);
  const answer = await fetch("v1/read?images=1", { method: "POST", body }).catch(() => {
    throw new Refusal("serverAway");
  });
  const document = await answer.json().catch(() => ({ error: {} }));
  if (document.error) throw new Refusal(SERVER_ERRORS[document.error.code] ?? "serverFailed");
  const [row] = document.files;
  if (row.error) throw new Refusal("fileDamaged");
  return { ...row, digits: row.digits.map((digit) => ({ ...digit, image: fromBase64(digit.image) })) };
}

/** The digit in an image file, preprocessed here: its 28×28, or null where there is no ink. */
export async function readHere(file) {
  await check(file);
  const picture = await createImageBitmap(file).catch(() => {
    throw new Refusal("fileDamaged");
  });
  const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = blank(width, height);
  pen.drawImage(picture, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  const grey = Float32Array.from({ length: data.length / 4 }, (_, k) =>
    (0.299 * data[4 * k] + 0.587 * data[4 * k + 1] + 0.114 * data[4 * k + 2]) / 255);
  return centred({ width, height, values: inkOf(grey) });
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

/** Call open(file) with what is chosen, or dropped or pasted anywhere; undefined where it is no file. */
export function receiveFiles(input, pad, open) {
  input.addEventListener("change", () => {
    if (input.files.length) open(input.files[0]);
    input.value = "";
  });
  const over = (now) => pad.classList.toggle("over", now), fileIn = (transfer) => transfer?.files?.[0];
  document.addEventListener("paste", (event) => open(fileIn(event.clipboardData)));
  document.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    open(fileIn(event.dataTransfer));
  });
}
