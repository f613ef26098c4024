// Numbers as colours: values in grey, dark for high on a light page; weights and products in
// orange below 0 and violet above, colour-blind safe, as `lenet show` draws them.

const ORANGE = [179, 88, 6], VIOLET = [84, 39, 136], ORANGE_LIGHT = [253, 184, 99], VIOLET_LIGHT = [178, 171, 240];

export const isDark = () => document.documentElement.classList.contains("dark");

const colours = new Map(); // cached for each theme, because getComputedStyle is slow

/** A colour of the page's style, by its name there. */
export function colour(name) {
  const key = `${name} ${isDark()}`;
  if (!colours.get(key)) // empty before the style has come
    colours.set(key, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`));
  return colours.get(key);
}

/** The largest magnitude, never 0. */
export const maxAbs = (values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9);

/** A scale of greys from low to high. */
export function greyScale(low, high) {
  const [from, to] = isDark() ? [24, 245] : [255, 20];
  return (value) => {
    const share = Math.min(Math.max((value - low) / (high - low || 1), 0), 1);
    const grey = from + (to - from) * share;
    return [grey, grey, grey];
  };
}

/** A symmetric scale up to `most`, with the page's background colour at 0. */
export function signedScale(most) {
  const dark = isDark(), zero = dark ? [30, 32, 38] : [255, 255, 255];
  const [below, above] = dark ? [ORANGE_LIGHT, VIOLET_LIGHT] : [ORANGE, VIOLET];
  return (value) => {
    const end = value < 0 ? below : above, share = Math.min(Math.abs(value) / most, 1) ** 0.8;
    return zero.map((part, k) => part + (end[k] - part) * share);
  };
}

/** Black or white, whichever contrasts more with this colour (WCAG 2). */
export function textColourOn(shade) {
  const linear = shade.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000" : "#fff";
}

/** The canvas at this size in CSS pixels, sharp on every screen; its 2d context, cleared. */
export function resized(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  return context;
}

/** The 2d context of a new canvas of white paper, off the page. */
export function blank(width, height) {
  const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  return pen;
}

const brush = document.createElement("canvas");

/** Rows of `columns` values from (left, top), each a square of `cell` pixels, in a thin frame. */
export function drawTile(context, values, columns, left, top, cell, scale) {
  const rows = values.length / columns;
  brush.width = columns;
  brush.height = rows;
  const pen = brush.getContext("2d"), picture = pen.createImageData(columns, rows);
  for (let k = 0; k < values.length; k++) {
    const [red, green, blue] = scale(values[k]);
    picture.data.set([red, green, blue, 255], 4 * k);
  }
  pen.putImageData(picture, 0, 0);
  context.drawImage(brush, left, top, columns * cell, rows * cell);
  context.strokeStyle = colour("line");
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, columns * cell + 1, rows * cell + 1);
}

/** A new canvas with one tile. */
export function tile(values, columns, cell, scale) {
  const canvas = document.createElement("canvas");
  const context = resized(canvas, columns * cell + 2, (values.length / columns) * cell + 2);
  drawTile(context, values, columns, 1, 1, cell, scale);
  return canvas;
}

/** A new element with text, class, attributes and children. */
export function element(tag, { text, kind, ...more } = {}, ...inside) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (kind) node.className = kind;
  for (const [name, value] of Object.entries(more)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}
