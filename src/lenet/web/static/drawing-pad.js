// The drawing pad: strokes of a mouse, a pen or a finger, and the ink they leave.

import { about } from "./about.js";
import { blank, colour } from "./canvas.js";

const SIDE = 280; // pixels of the pad's height, and of its width for one digit
const PEN = 19; // pixels of the stroke's width

/** A pad on this canvas; `changed` is called whenever its ink is another. */
export function makePad(canvas, changed) {
  let strokes = [], drawing = null, loaded = null; // loaded: a digit image under the strokes
  const context = canvas.getContext("2d", { willReadFrequently: true });

  function redraw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (loaded) paint(context, loaded, colour("ink"));
    ink(context, strokes, colour("ink"));
  }
  function point(event) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * canvas.width;
    return [x, ((event.clientY - top) / height) * canvas.height];
  }
  function update() {
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
      const left = canvas.width / 2 - 56, put = ([x, y]) => [left + 112 * x, 50 + 180 * y];
      loaded = null;
      strokes = about.strokes[digit].map((points) => smooth(points).map(put));
      update();
    },
    /** A digit image, 784 bytes, on a pad for one digit; the pen may go on with it. */
    load(image) { [strokes, loaded] = [[], image]; update(); },
    /** The digit image that was loaded, if nothing was drawn since. */
    image: () => (strokes.length ? null : loaded),
    /** Strength of writing, {width, height, values 0 … 1}. */
    ink() {
      const { width, height } = canvas, { data } = context.getImageData(0, 0, width, height);
      return { width, height, values: Float32Array.from({ length: width * height }, (_, k) => data[4 * k + 3] / 255) };
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
