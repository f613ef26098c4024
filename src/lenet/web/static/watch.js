// A layer at work: its window slides over the maps below, unit by unit, and its map fills.

import { colour, drawTile, resized } from "./canvas.js";
import { dependence } from "./receptive-field.js";
import { frame, scaleOf } from "./maps.js";
import { nameOf } from "./layers.js";
import { translate } from "./i18n.js";

const SIDE = 150, GAP = 4; // pixels of a picture, and between two maps
const SLIDING = ["C1", "S2", "C3", "S4"]; // layers whose units share their weights

/** The two pictures and their buttons; calls onUnit(unit) with the next unit. */
export function makeWatch(find, onUnit) {
  let network = null, stages = [], unit = null, timer = null, filling = false, plan = null;
  find("play").addEventListener("click", () => (timer ? pause() : play()));
  find("step-on").addEventListener("click", () => { pause(); begin(); move(); });
  find("speed").addEventListener("input", () => timer && play());
  find("watch-map").addEventListener("click", ({ offsetX, offsetY }) => {
    const [, rows, columns] = plan.shape, [row, column] = [offsetY, offsetX].map((at) => Math.floor((at - 1) / plan.cell));
    stop();
    if (row >= 0 && column >= 0 && row < rows && column < columns) onUnit({ ...unit, row, column });
  });

  function begin() {
    if (!filling) unit = { ...unit, row: 0, column: -1 };
    filling = true;
  }

  function play() {
    begin();
    clearInterval(timer);
    timer = setInterval(move, 1_000 / Number(find("speed").value));
    name();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    name();
  }

  function stop() {
    pause();
    filling = false;
  }

  function move() {
    const [, rows, columns] = plan.shape, next = (unit.row * columns + unit.column + 1) % (rows * columns);
    onUnit({ ...unit, row: Math.floor(next / columns), column: next % columns });
  }

  const name = () => { find("play").textContent = translate(timer ? "pause" : "play"); };

  function redraw() {
    const index = stages.findIndex(({ name }) => name === unit.layer), stage = stages[index], below = stages[index - 1];
    const { maps, box } = dependence(network, stages, unit)[below.name];
    find("watch-below-name").textContent = nameOf(below.name);
    find("watch-map-name").textContent = translate("ofMap", { layer: unit.layer, map: unit.map });
    drawBelow(find("watch-below"), below, maps, box);
    plan = drawMap(find("watch-map"), stage, unit, filling);
  }

  return {
    /** The layer of this unit; hidden where no window slides. */
    show(newNetwork, newStages, newUnit) {
      const other = unit?.layer !== newUnit.layer || unit?.map !== newUnit.map || network?.name !== newNetwork.name;
      [network, stages, unit] = [newNetwork, newStages, newUnit];
      if (other) stop();
      find("watch").hidden = !SLIDING.includes(unit.layer);
      if (!find("watch").hidden) redraw();
    },
    isPlaying: () => timer !== null,
    stop,
    name,
  };
}

/** The maps that are read, in rows of up to three, with the window on each. */
function drawBelow(canvas, { shape: [, height, width], values, name }, maps, box) {
  const across = Math.min(3, maps.length), cell = Math.floor(SIDE / across / width * 2) / 2;
  const [stepX, stepY] = [width * cell + GAP, height * cell + GAP], scale = scaleOf({ name, values });
  const context = resized(canvas, across * stepX, Math.ceil(maps.length / across) * stepY);
  maps.forEach((map, k) => {
    const left = 1 + (k % across) * stepX, top = 1 + Math.floor(k / across) * stepY;
    drawTile(context, values.subarray(map * height * width, (map + 1) * height * width), width, left, top, cell, scale);
    frame(context, left + box.left * cell, top + box.top * cell, (box.right - box.left) * cell, (box.bottom - box.top) * cell);
  });
}

/** The unit's map; where it fills, the units after this one are still blank. */
function drawMap(canvas, stage, { map, row, column }, filling) {
  const { shape, values } = stage, [, height, width] = shape, cell = Math.floor(SIDE / width);
  const context = resized(canvas, width * cell + 2, height * cell + 2);
  drawTile(context, values.subarray(map * height * width, (map + 1) * height * width), width, 1, 1, cell, scaleOf(stage));
  if (filling) {
    context.fillStyle = colour("accent-ground");
    context.fillRect(1 + (column + 1) * cell, 1 + row * cell, (width - column - 1) * cell, cell);
    context.fillRect(1, 1 + (row + 1) * cell, width * cell, (height - row - 1) * cell);
  }
  frame(context, 1 + column * cell, 1 + row * cell, cell, cell);
  canvas.dataset.filled = filling ? row * width + column + 1 : height * width;
  return { shape, cell };
}
