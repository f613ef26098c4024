// Several characters through the same network (section VII): on a wide input it answers every 4 pixels.

import { centred } from "./centre.js";
import { colour, drawTile, greyScale, resized, textColourOn } from "./canvas.js";
import { inkOf, strokesOf } from "./drawing-pad.js";
import { frame } from "./maps.js";
import { confidences, inputStage, stagesOf, widened } from "./network.js";
import { percent, translate } from "./i18n.js";

const SIDE = 28, WINDOW = 32, STRIDE = 4, NEAR = 20; // pixels; the largest penalty of an answer that is marked
const LEFT = 3, RIGHT = 7; // the digits beside the drawing

export const several = {
  id: "several",
  slow: true,
  open(panel, page) {
    let at = 0;
    const figure = panel.figure("severalFigure", {}, "full");
    const spacing = panel.range("severalSpacing", { min: 16, max: 32, value: 26 });
    panel.play(() => { at += 1; }, 500);
    const line = panel.line();
    const beside = [LEFT, RIGHT].map((digit) => centred(inkOf(strokesOf(digit), 280, 280)));

    return () => {
      const { layers, temperature } = page.networks.get("1998");
      const input = inputStage(joined([beside[0], page.seen, beside[1]], Number(spacing.value)));
      const { values, shape: [, , count] } = stagesOf(widened(layers, input.shape[2]), input).at(-1);
      const columns = Array.from({ length: count }, (_, k) => Array.from({ length: 10 }, (_, digit) => values[digit * count + k]));
      const answers = columns.map((penalties) => {
        const best = Math.min(...penalties), value = penalties.indexOf(best);
        return { penalties, best, value, confidence: confidences(penalties, temperature)[value] };
      });
      at %= count;
      drawAll(figure, input, answers, at, panel.width());
      const { value, confidence, best } = answers[at];
      const words = { number: at + 1, count, value, confidence: percent(confidence), penalty: best.toFixed(1) };
      line.textContent = translate("severalNow", { ...words, text: peaks(answers).map((k) => answers[k].value).join(" ") });
    };
  },
};

/** Images of 28 rows on one wide image, so many pixels from one to the next. */
function joined(images, spacing) {
  const columns = SIDE + spacing * (images.length - 1), wide = new Uint8Array(SIDE * columns);
  images.forEach((image, number) => image.forEach((byte, k) => {
    const place = Math.floor(k / SIDE) * columns + number * spacing + (k % SIDE);
    wide[place] = Math.max(wide[place], byte);
  }));
  return wide;
}

/** Where a penalty is small, and no neighbour's is smaller. */
function peaks(answers) {
  const best = (k) => answers[k]?.best ?? Infinity;
  return [...answers.keys()].filter((k) => best(k) < NEAR && best(k) <= best(k - 1) && best(k) < best(k + 1));
}

/** The wide input with the window, and below each output: ten penalties, and the answer where it is marked. */
function drawAll(canvas, input, answers, at, room) {
  const [, rows, columns] = input.shape, cell = Math.min(6, room / (columns + 1)), step = STRIDE * cell;
  const first = ((WINDOW - STRIDE) / 2) * cell, top = rows * cell + 8, row = Math.max(9, Math.min(step * 0.7, 15));
  const context = resized(canvas, columns * cell + 2, top + 12 * row), scale = greyScale(80, 0), marked = peaks(answers);
  drawTile(context, input.values, columns, 1, 1, cell, greyScale(-0.1, 1.175));
  frame(context, 1 + at * step, 2, WINDOW * cell - 2, rows * cell - 2);
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  answers.forEach(({ penalties, value }, k) => {
    const left = 1 + first + k * step;
    penalties.forEach((penalty, digit) => {
      const shade = scale(penalty);
      context.fillStyle = `rgb(${shade})`;
      context.fillRect(left, top + digit * row, step - 1, row - 1);
      context.font = `${row * 0.8}px system-ui, sans-serif`;
      context.fillStyle = textColourOn(shade);
      if (digit === value) context.fillText(String(digit), left + step / 2, top + (digit + 0.5) * row);
    });
    if (k === at) frame(context, left, top - 2, step - 1, 10 * row + 3);
    Object.assign(context, { fillStyle: colour("accent"), font: `700 ${row * 1.4}px system-ui, sans-serif` });
    if (marked.includes(k)) context.fillText(String(value), left + step / 2, top + 11 * row);
  });
}
