// The paper's 7: two end points and a corner, to be dragged; their exact places do not matter.

import { colour, element, greyScale, resized } from "./canvas.js";
import { centred } from "./centre.js";
import { inkOf } from "./drawing-pad.js";
import { forward } from "./network.js";
import { picture } from "./scene-parts.js";
import { percent, translate } from "./i18n.js";

const PAD = 280, KEY = 10; // pixels of a pad, and that an arrow key moves
const START = [[60, 70], [215, 62], [120, 235]], GRID = 7; // the points; answers by place, so many across
const KEYS = { ArrowLeft: [-KEY, 0], ArrowRight: [KEY, 0], ArrowUp: [0, -KEY], ArrowDown: [0, KEY] };

export const seven = {
  id: "seven",
  open(panel, page) {
    let points = START, moved = 1, answers = null, later = 0;
    const board = panel.figure("sevenBoard", {}, "board"), input = panel.figure("saw");
    panel.button("reset", () => { points = START; pick(moved); });
    const line = panel.line();
    const handles = START.map((_, k) => {
      const label = translate(["sevenLeft", "sevenCorner", "sevenFoot"][k]);
      const handle = element("button", { type: "button", kind: "handle own-keys", "aria-label": label, title: label });
      board.parentElement.append(handle);
      handle.addEventListener("pointerdown", ({ pointerId }) => { handle.setPointerCapture(pointerId); pick(k); });
      handle.addEventListener("pointermove", ({ clientX, clientY, pointerId }) => {
        if (!handle.hasPointerCapture(pointerId)) return;
        const { left, top, width } = board.getBoundingClientRect();
        move(k, [((clientX - left) / width) * PAD, ((clientY - top) / width) * PAD]);
      });
      handle.addEventListener("keydown", (event) => {
        if (!(event.key in KEYS)) return;
        event.preventDefault();
        pick(k);
        move(k, points[k].map((place, axis) => place + KEYS[event.key][axis]));
      });
      return handle;
    });

    function pick(k) {
      if (moved !== k) answers = null;
      moved = k;
      panel.redraw();
    }

    function move(k, place) {
      const kept = place.map((pixel) => Math.min(Math.max(pixel, 15), PAD - 15));
      points = points.map((point, other) => (other === k ? kept : point));
      panel.redraw();
    }

    const read = (places) => {
      const image = centred(inkOf([places], PAD, PAD));
      return { image, ...forward(page.networks.get("1998"), image) };
    };
    /** What is read with the chosen point at each place of a grid. */
    function survey() {
      const others = points;
      answers = Array.from({ length: GRID * GRID }, (_, place) => {
        const spot = [place % GRID, Math.floor(place / GRID)].map((at) => ((at + 0.5) * PAD) / GRID);
        return read(others.map((point, k) => (k === moved ? spot : point))).value;
      });
      panel.redraw();
    }

    return () => {
      const side = panel.cell(PAD) > 360 ? 360 : panel.cell(250), now = read(points);
      const pen = resized(board, side, side), scale = side / PAD;
      if (!answers) {
        clearTimeout(later);
        later = setTimeout(() => board.isConnected && survey(), 250);
      } else drawAnswers(pen, answers, side / GRID);
      pen.scale(scale, scale);
      Object.assign(pen, { lineWidth: 19, lineCap: "round", lineJoin: "round", strokeStyle: colour("ink") });
      pen.beginPath();
      points.forEach((point) => pen.lineTo(...point));
      pen.stroke();
      handles.forEach((handle, k) => {
        [handle.style.left, handle.style.top] = points[k].map((pixel, axis) => `${pixel * scale + axis * board.offsetTop}px`);
        handle.setAttribute("aria-pressed", String(k === moved));
      });
      picture(input, now.image, 28, panel.cell(5), greyScale(0, 255));
      line.textContent = translate("sevenRead", { value: now.value, confidence: percent(now.confidence) });
    };
  },
};

/** The answers at their places; 7s in the accent's colour. */
function drawAnswers(pen, answers, step) {
  Object.assign(pen, { font: "600 15px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  answers.forEach((digit, place) => {
    pen.fillStyle = colour(digit === 7 ? "accent" : "faint");
    pen.fillText(String(digit), ((place % answers.length ** 0.5) + 0.5) * step, (Math.floor(place / answers.length ** 0.5) + 0.5) * step);
  });
}
