// What a training shows: the errors of its networks, their legend, the last update, the kernels.

import { colour, drawTile, element, greyScale, isDark, maxAbs, resized, signedScale, tile } from "./canvas.js";
import { grouped, number, percent, translate } from "./i18n.js";
import { fromBase64 } from "./weights.js";

const ENDS = [0.001, 1]; // of the logarithmic scale
const LIGHT = ["#b53a06", "#0063a1", "#00734f", "#7d3c98", "#6b5900", "#4d4d4d"];
const DARK = ["#ff9a66", "#6cb8f0", "#4fd0a5", "#d9a5e8", "#e3c64f", "#c8c8c8"];
const MARKS = [8, 4, 3, 2, 6, 5]; // corners of a network's marks: it is told by them in black and white, too

/** Error rates against the digits seen: of training digits dashed, of test digits with marks. */
export function drawCurve(canvas, curves, total) {
  const wide = Math.min(560, canvas.parentElement.clientWidth), high = 250, left = 46, bottom = 26;
  const pen = resized(canvas, wide, high);
  const across = (seen) => left + (seen / total) * (wide - left - 10);
  const down = (rate) => {
    const share = Math.log(Math.max(rate, ENDS[0]) / ENDS[0]) / Math.log(ENDS[1] / ENDS[0]);
    return high - bottom - share * (high - bottom - 10);
  };
  const place = ([seen, rate]) => [across(seen), down(rate)];
  Object.assign(pen, { font: "12px system-ui, sans-serif", fillStyle: colour("faint"), textAlign: "right", lineWidth: 1 });
  pen.strokeStyle = colour("line");
  for (const tick of [0.001, 0.01, 0.1, 1]) {
    pen.fillText(`${100 * tick}\u00a0%`, left - 6, down(tick) + 4);
    trace(pen, [[left, down(tick)], [wide - 10, down(tick)]]);
  }
  pen.fillText(translate("curveAxis", { count: grouped(total) }), wide - 10, high - 6);
  [...curves.values()].forEach(({ train, test }, k) => {
    const shade = (isDark() ? DARK : LIGHT)[k];
    Object.assign(pen, { strokeStyle: shade, fillStyle: shade, lineWidth: 1.2 });
    pen.setLineDash([4, 3]);
    trace(pen, train.map(place));
    pen.setLineDash([]);
    pen.lineWidth = 1.8;
    trace(pen, test.map(place));
    for (const point of test) mark(pen, ...place(point), MARKS[k]);
  });
}

function trace(pen, line) {
  pen.beginPath();
  line.forEach(([across, down], k) => (k ? pen.lineTo(across, down) : pen.moveTo(across, down)));
  pen.stroke();
}

/** A polygon with so many corners; of two, a stroke. */
function mark(pen, across, down, corners) {
  pen.beginPath();
  for (let k = 0; k <= corners; k++) {
    const angle = (2 * Math.PI * k) / corners - Math.PI / 2;
    pen.lineTo(across + 4 * Math.cos(angle), down + 4 * Math.sin(angle));
  }
  pen.fill();
  pen.stroke();
}

/** The networks with their marks, parameters and latest errors, as rows of a table. */
export function legend(body, networks, curves) {
  body.replaceChildren(...networks.map(({ name, parameters }, k) => {
    const { train, test } = curves.get(name), last = (points) => (points.length ? percent(points.at(-1)[1]) : "–");
    const canvas = element("canvas", { "aria-hidden": "true" }), pen = resized(canvas, 26, 12);
    Object.assign(pen, { strokeStyle: (isDark() ? DARK : LIGHT)[k], lineWidth: 1.8 });
    pen.fillStyle = pen.strokeStyle;
    trace(pen, [[0, 6], [26, 6]]);
    mark(pen, 13, 6, MARKS[k]);
    const cells = [grouped(parameters), last(train), last(test)].map((text) => element("td", { text }));
    return element("tr", { "data-network": name }, element("th", { scope: "row" }, canvas, ` ${translate(`net_${name}`)}`), ...cells);
  }));
}

/** The digit of the last update, what it did to the penalty of its class, and to C1's kernels. */
export function drawUpdate(root, update) {
  root.hidden = !update;
  if (!update) return;
  const { image, label, before, after, from, to } = update;
  const read = before.indexOf(Math.min(...before));
  const words = { label, read, before: number(before[label], 1), after: number(after[label], 1) };
  root.replaceChildren(tile(fromBase64(image), 28, 3, greyScale(0, 255)), element("p", { text: translate("update", words) }));
  if (!from) return;
  const change = to.map((kernel, map) => [kernel[0].map((row, r) => row.map((value, c) => value - from[map][0][r][c]))]);
  const caption = translate("updateKernels", { most: number(maxAbs(change.flat(3)), 4) });
  const canvas = element("canvas", { role: "img", "aria-label": caption });
  drawC1(canvas, change, 6, 8);
  root.append(element("figure", {}, canvas, element("figcaption", { text: caption })));
}

/** C1's six kernels in so many columns. */
export function drawC1(canvas, kernels, columns, cell = 15) {
  const step = 5 * cell + 6, rows = Math.ceil(kernels.length / columns);
  const pen = resized(canvas, columns * step, rows * step), scale = signedScale(maxAbs(kernels.flat(3)));
  kernels.forEach(([kernel], map) =>
    drawTile(pen, kernel.flat(), 5, 1 + (map % columns) * step, 1 + Math.floor(map / columns) * step, cell, scale));
}

/** C3's kernels: a column a C3 map, a line an S2 map, nothing where the table has none. */
export function drawC3(canvas, kernels) {
  const room = Math.min(900, canvas.parentElement.clientWidth), cell = Math.max(3, Math.floor((room / 16 - 4) / 5));
  const step = 5 * cell + 4, pen = resized(canvas, 16 * step, 6 * step), scale = signedScale(maxAbs(kernels.flat(3)));
  kernels.forEach((sources, map) => sources.forEach((kernel, source) => {
    const values = kernel.flat();
    if (values.some(Boolean)) drawTile(pen, values, 5, 1 + map * step, 1 + source * step, cell, scale);
  }));
}
