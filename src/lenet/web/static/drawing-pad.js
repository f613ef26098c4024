// The drawing pad: strokes of a mouse, a pen or a finger, and the ink they leave.

import { about } from "./about.js";
import { blank, colour } from "./canvas.js";

const SIDE = 280; // pixels of the pad's height, and of its width for one digit
const PEN = 19; // pixels of the stroke's width
const MOST = 36 ** 2 - 1, APART = 4; // the largest pixel two letters hold; between points in an address

/** A pad on this canvas; `changed` is called whenever its ink is another. */
export function makePad(canvas, changed) {
  let strokes = [], drawing = null;
  let written = null, loaded = null; // the stored digit that is on it, or a digit image under the strokes
  const context = canvas.getContext("2d", { willReadFrequently: true });

  function redraw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (loaded) paint(context, loaded, colour("ink"));
    ink(context, strokes, colour("ink"));
  }
  function point(event) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const place = [(event.clientX - left) / width * canvas.width, (event.clientY - top) / height * canvas.height];
    return place.map((pixel) => Math.round(Math.min(Math.max(pixel, 0), MOST)));
  }
  function update(digit = null) {
    written = digit;
    redraw();
    changed();
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drawing !== null) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    strokes.push([point(event)]);
    update();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).push(...(steps.length ? steps : [event]).map(point));
    update();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
    canvas.addEventListener(name, (event) => {
      if (event.pointerId === drawing) drawing = null;
    });

  return {
    redraw,
    isEmpty: () => !strokes.length && !loaded,
    isDrawing: () => drawing !== null,
    clear() { [strokes, loaded] = [[], null]; update(); },
    undo() { if (!strokes.pop()) loaded = null; update(); },
    /** One digit's width, or two digits' and more. */
    widen(wide) { canvas.width = wide ? 2.4 * SIDE : SIDE; this.clear(); },
    /** A stored digit, in the middle. */
    write(digit) {
      loaded = null;
      strokes = strokesOf(digit, canvas.width);
      update(digit);
    },
    /** What is on it in letters and digits: a stored digit's own, or every point in four; null for an image. */
    code() {
      if (loaded) return null;
      const letters = (pixel) => pixel.toString(36).padStart(2, "0");
      return String(written ?? strokes.map((points) => thinned(points).flat().map(letters).join("")).join("-"));
    },
    /** Draw what code() gave. */
    draw(code) {
      if (/^\d$/.test(code)) return this.write(Number(code));
      loaded = null;
      strokes = code.split("-").map((text) => (text.match(/[0-9a-z]{4}/g) ?? []).map((four) =>
        [four.slice(0, 2), four.slice(2)].map((letters) => parseInt(letters, 36)))).filter((points) => points.length);
      update();
    },
    /** A digit image, 784 bytes, on a pad for one digit; the pen may go on with it. */
    load(image) { [strokes, loaded] = [[], image]; update(); },
    /** The digit image that was loaded, if nothing was drawn since. */
    image: () => (strokes.length ? null : loaded),
    /** Strength of writing, {width, height, values 0 … 1}. */
    ink() {
      return strength(context);
    },
    /** The drawing as a PNG of dark ink on white paper. */
    picture() {
      const pen = blank(canvas.width, canvas.height);
      if (loaded) paint(pen, loaded, "#000");
      ink(pen, strokes, "#000");
      return new Promise((resolve) => pen.canvas.toBlob(resolve, "image/png"));
    },
  };
}

/** A digit image over the whole pad, its bytes as opacity. */
function paint(context, image, style) {
  const pen = blank(28, 28);
  pen.clearRect(0, 0, 28, 28);
  const picture = pen.createImageData(28, 28);
  image.forEach((byte, k) => { picture.data[4 * k + 3] = byte; });
  pen.putImageData(picture, 0, 0);
  Object.assign(pen, { globalCompositeOperation: "source-in", fillStyle: style });
  pen.fillRect(0, 0, 28, 28);
  context.imageSmoothingEnabled = false;
  context.drawImage(pen.canvas, 0, 0, context.canvas.width, context.canvas.height);
}

/** The strength of writing of these strokes alone, off the page. */
export function inkOf(strokes, width, height) {
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
  ink(context, strokes, "#000");
  return strength(context);
}

function strength(context) {
  const { width, height } = context.canvas, { data } = context.getImageData(0, 0, width, height);
  return { width, height, values: Float32Array.from({ length: width * height }, (_, k) => data[4 * k + 3] / 255) };
}

/** A stored digit in the middle of a pad of this width. */
export function strokesOf(digit, width = SIDE) {
  const left = width / 2 - 56, put = ([x, y]) => [left + 112 * x, 50 + 180 * y];
  return about.strokes[digit].map((points) => smooth(points).map(put));
}

/** The points without those that are close to the one before. */
function thinned([first, ...rest]) {
  const kept = [first];
  rest.forEach((point, k) => {
    const last = kept.at(-1), far = Math.hypot(point[0] - last[0], point[1] - last[1]) >= APART;
    if (far || k === rest.length - 1) kept.push(point);
  });
  return kept;
}

function ink(context, strokes, style) {
  Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: style });
  for (const points of strokes) {
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }
}

/** A Catmull–Rom curve through the points. */
function smooth(points, steps = 12) {
  const [a, b] = points, [y, z] = points.slice(-2);
  const ends = [a.map((v, k) => 2 * v - b[k]), ...points, z.map((v, k) => 2 * v - y[k])];
  const curve = [];
  for (let piece = 0; piece + 3 < ends.length; piece++) {
    const [p, q, r, s] = ends.slice(piece, piece + 4);
    for (let step = 0; step <= steps; step++) {
      const t = step / steps;
      curve.push([0, 1].map((k) => 0.5 * (2 * q[k] + (r[k] - p[k]) * t
        + (2 * p[k] - 5 * q[k] + 4 * r[k] - s[k]) * t ** 2
        + (3 * q[k] - p[k] - 3 * r[k] + s[k]) * t ** 3)));
    }
  }
  return curve;
}
