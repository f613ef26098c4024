// What scenes are made of: figures, buttons, sliders, and an animation with its button.

import { drawTile, element, resized } from "./canvas.js";
import { frame } from "./maps.js";
import { grouped, translate } from "./i18n.js";

const DESIGNED = 470, LARGEST = 1.6; // pixels across for which scenes are drawn; how far they grow

/** An empty panel; `redraw` draws its scene again. */
export function makePanel(controls, figures, redraw) {
  let timer = null;
  controls.replaceChildren();
  figures.replaceChildren();

  return {
    redraw,
    close: () => clearInterval(timer),
    /** Pixels of a cell that measures so many where there is room. */
    cell: (pixels) => Math.max(1, Math.floor(2 * pixels * Math.min(LARGEST, figures.clientWidth / DESIGNED)) / 2),
    width: () => figures.clientWidth,
    /** A canvas with its caption. */
    figure(key, words, kind = "") {
      const text = translate(key, words), canvas = element("canvas", { role: "img", "aria-label": text });
      figures.append(element("figure", { kind }, element("figcaption", { text }), canvas));
      return canvas;
    },
    /** Any other part beside the figures. */
    add(...parts) {
      figures.append(...parts);
      return parts[0];
    },
    /** A line of words below the controls. */
    line() {
      const line = element("p", { kind: "found" });
      controls.append(line);
      return line;
    },
    /** A row of buttons of which one is pressed; gives press(name). */
    choice(key, names, onPick) {
      const buttons = Object.entries(names).map(([name, text]) => {
        const button = element("button", { type: "button", text });
        button.addEventListener("click", () => { press(name); onPick(name); redraw(); });
        return [name, button];
      });
      const press = (chosen) => buttons.forEach(([name, button]) =>
        button.setAttribute("aria-pressed", String(name === String(chosen))));
      const group = { kind: "row", role: "group", "aria-label": translate(key) };
      controls.append(element("div", group, ...buttons.map(([, button]) => button)));
      return press;
    },
    /** A list of which one is chosen; its numbers or words. */
    list(key, names, chosen, onPick) {
      const list = element("select", {}, ...names.map((name) => element("option", { text: name })));
      list.value = chosen;
      list.addEventListener("change", () => { onPick(list.value); redraw(); });
      controls.append(element("label", { kind: "small", text: `${translate(key)} ` }, list));
    },
    button(key, onClick) {
      const button = element("button", { type: "button", text: translate(key) });
      button.addEventListener("click", () => { onClick(button); redraw(); });
      controls.append(button);
      return button;
    },
    /** A slider; gives its input. */
    range(key, range, onInput) {
      const input = element("input", { type: "range", ...range });
      input.addEventListener("input", () => { onInput?.(Number(input.value)); redraw(); });
      controls.append(element("label", { kind: "slider" }, element("span", { text: translate(key) }), input));
      return input;
    },
    /** A button that plays step() every so often; it plays at once where motion is welcome. */
    play(step, milliseconds) {
      const button = element("button", { type: "button", kind: "play" });
      const set = (on) => {
        clearInterval(timer);
        timer = on ? setInterval(() => { step(); redraw(); }, milliseconds) : null;
        button.textContent = translate(on ? "pause" : "play");
      };
      button.addEventListener("click", () => set(timer === null));
      controls.append(button);
      set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
      return { pause: () => set(false) };
    },
  };
}

/** Values as a picture with frames around boxes of cells {top, left, bottom, right}. */
export function picture(canvas, values, columns, cell, scale, boxes = []) {
  const context = resized(canvas, columns * cell + 2, (values.length / columns) * cell + 2);
  drawTile(context, values, columns, 1, 1, cell, scale);
  for (const { top, left, bottom, right } of boxes)
    frame(context, 1 + left * cell, 1 + top * cell, (right - left) * cell, (bottom - top) * cell);
  return context;
}

/** Counts with commas. */
export const inWords = (counts) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, grouped(count)]));

/** One map of a stage. */
export function mapOf({ shape: [, rows, columns], values }, map) {
  return values.subarray(map * rows * columns, (map + 1) * rows * columns);
}

/** Calls onCell(row, column) as the pointer presses or moves over a picture of such cells. */
export function follow(canvas, cell, onCell) {
  const at = ({ offsetX, offsetY }) => onCell(Math.floor((offsetY - 1) / cell()), Math.floor((offsetX - 1) / cell()));
  for (const name of ["pointermove", "pointerdown"]) canvas.addEventListener(name, at);
}
