// The connections between the layers: every link of C3 from Table I, bundles where all units read all.

import { DRAWN, edgeOf } from "./maps.js";

const FEW = 16, BUNDLE = 8; // a field of more units than a few is linked by a bundle

/** The links in `svg`, which holds one path to copy; drawn anew by draw(rows, layers, field). */
export function makeLinks(svg) {
  return {
    /** `rows` are the strip's layers with their canvases' places, `field` what a unit depends on. */
    draw(rows, layers, field) {
      while (svg.childElementCount < 2 * layers.length) svg.append(svg.firstElementChild.cloneNode());
      [...svg.children].forEach((path, k) => {
        const layer = layers[k % layers.length], index = k % layers.length, on = k >= layers.length;
        const chosen = on && field?.[layer?.name] && field[rows[index].stage.name];
        const pairs = !layer || (on && !chosen) ? [] : pairsOf(rows[index], rows[index + 1], layer, on ? field : null);
        path.setAttribute("class", on ? "link on" : "link");
        path.setAttribute("d", pairs.map(([from, to]) => curve(from, to)).join("") + (layer ? bridges(rows[index + 1], pairs) : ""));
        path.dataset.to = layer?.name ?? "";
        path.dataset.links = pairs.length;
      });
    },
  };
}

/** The ends of the links into a layer: of all its maps, or of those in the field. */
function pairsOf(below, row, layer, field) {
  const [maps] = row.stage.shape, all = Array.from({ length: maps }, (_, map) => map);
  const targets = field ? field[row.stage.name].maps : all;
  const into = ends(row, targets, false), pairs = [];
  into.forEach(({ map, ...to }) => {
    const read = layer.reads(map).filter((source) => !field || field[below.stage.name].maps.includes(source));
    for (const from of ends(below, read, true)) pairs.push([from, to]);
  });
  return pairs;
}

/** Points on a layer's edge: one a map; of a field of many units a few that stand for all. */
function ends(row, maps, right) {
  const drawn = DRAWN[row.stage.name], many = drawn && maps.length > FEW;
  const at = (map) => {
    if (row.kernels && !right) return { map, x: row.kernels.x, y: row.kernels.y + (map + 0.5) * row.kernels.plan.step };
    const { x, y } = edgeOf(row.stage, row.plan, map, right);
    return { map, x: row.x + (many ? (right ? row.plan.wide : 0) : x), y: row.y + y };
  };
  const some = many ? Array.from({ length: BUNDLE }, (_, k) => maps[Math.floor(((k + 0.5) * maps.length) / BUNDLE)]) : maps;
  return some.map(at);
}

/** From the kernels to the maps that they make. */
function bridges(row, pairs) {
  if (!row.kernels) return "";
  const right = row.kernels.x + row.kernels.plan.wide;
  return [...new Set(pairs.map(([, to]) => to.y))].map((y) => `M${right} ${y}H${row.x}`).join("");
}

function curve(from, to) {
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}
