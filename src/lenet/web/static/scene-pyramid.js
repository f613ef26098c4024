// Maps become smaller, and there are more of them: less where, more what.

import { colour, drawTile, resized } from "./canvas.js";
import { nameOf } from "./layers.js";
import { scaleOf } from "./maps.js";
import { dependence } from "./receptive-field.js";
import { mapOf } from "./scene-parts.js";
import { grouped, translate } from "./i18n.js";

const ACROSS = { C5: 12, F6: 12 }; // single units beside each other

export const pyramid = {
  id: "pyramid",
  open(panel, page) {
    let chosen = 1;
    const names = page.results.get("1998").stages.slice(0, -1).map(({ name }) => name);
    const sizes = panel.figure("pyramidSizes"), maps = panel.figure("pyramidMaps");
    const press = panel.choice("layers", Object.fromEntries(names.map((name, k) => [k, nameOf(name)])), (k) => {
      chosen = Number(k);
      play.pause();
    });
    const play = panel.play(() => { chosen = (chosen + 1) % names.length; }, 1_800);
    const line = panel.line();

    return () => {
      const lenet = page.networks.get("1998"), { stages } = page.results.get("1998"), stage = stages[chosen];
      press(chosen);
      drawSizes(sizes, stages.slice(0, -1), chosen, Math.max(panel.cell(230), Math.min(330, panel.width() - 4)), panel.cell(150));
      drawAll(maps, stage, panel.cell(200));
      line.textContent = translate("pyramidFacts", facts(lenet, stages, chosen));
    };
  },
};

/** A layer in figures. */
function facts({ layers }, stages, index) {
  const { name, shape: [maps, rows, columns] } = stages[index], layer = layers[index - 1];
  const units = maps * rows * columns;
  const { box } = dependence({ layers }, stages, { layer: name, map: 0, row: 0, column: 0 }).input;
  const reads = layer ? Array.from({ length: maps }, (_, map) => layer.reads(map).length * layer.side ** 2 + 1) : [];
  const connections = reads.reduce((sum, read) => sum + read * rows * columns, 0);
  const parameters = layer?.step === 2 ? 2 * maps : reads.reduce((sum, read) => sum + read, 0);
  return {
    layer: nameOf(name), maps, places: grouped(rows * columns), units: grouped(units), side: box.bottom - box.top,
    parameters: grouped(parameters), connections: grouped(connections),
  };
}

/** For each layer a bar as wide as its maps are, and one as high as there are maps. */
function drawSizes(canvas, stages, chosen, wide, high) {
  const context = resized(canvas, wide, high), step = wide / stages.length, middle = high * 0.55;
  Object.assign(context, { font: "11px system-ui, sans-serif", textAlign: "center" });
  stages.forEach(({ name, shape: [maps, rows] }, k) => {
    const side = (rows / 32) * Math.min(step - 3, middle - 30), tall = (Math.log2(maps + 1) / 7) * (high - middle - 14);
    context.fillStyle = colour(k === chosen ? "accent" : "bar");
    context.fillRect(k * step + (step - side) / 2, middle - 14 - side, side, side);
    context.fillRect(k * step + step / 4, middle, step / 2, tall);
    context.fillStyle = colour(k === chosen ? "accent" : "faint");
    context.fillText(nameOf(name), (k + 0.5) * step, 11);
    context.fillText(`${rows}×${rows}`, (k + 0.5) * step, middle - 2);
    context.fillText(String(maps), (k + 0.5) * step, Math.min(high - 2, middle + tall + 11));
  });
}

/** All maps of a stage in a square. */
function drawAll(canvas, stage, room) {
  const { shape: [maps, rows, columns], name } = stage, across = ACROSS[name] ?? Math.ceil(Math.sqrt(maps));
  const step = room / across, cell = (step - (rows > 1 ? 3 : 1)) / columns;
  const context = resized(canvas, room, step * Math.ceil(maps / across)), scale = scaleOf(stage);
  for (let map = 0; map < maps; map++)
    drawTile(context, mapOf(stage, map), columns, 1 + (map % across) * step, 1 + Math.floor(map / across) * step, cell, scale);
}
