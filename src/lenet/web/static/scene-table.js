// Table I: click a connection to cut it; what a full and a random table give.

import { element } from "./canvas.js";
import { forward } from "./network.js";
import { seeded } from "./perturb.js";
import { grouped, number, percent, translate } from "./i18n.js";

const MAPS = 16, SOURCES = 6;
// Error rates on MNIST's test digits in percent, mean and standard deviation of three seeds (lenet reproduce why-convolution).
export const MEASURED = { table: [1.05, 0.07], unsampled: [1.68, 0.11], full: [1.04, 0.07], random: [1.13, 0.07] };

export const table = {
  id: "table",
  open(panel, page) {
    const lenet = page.networks.get("1998"), own = lenet.network.c3_inputs;
    const kinds = { table: own, full: own.map(() => [0, 1, 2, 3, 4, 5]), random: random(own.flat().length) };
    let kind = "table", cut = new Set();
    const grid = panel.add(element("table", { kind: "table-one own-keys" }));
    const cells = build(grid, toggle);
    const press = panel.choice("tableKinds", Object.fromEntries(Object.keys(kinds).map((name) => [name, translate(`table_${name}`)])), (name) => { kind = name; });
    const whole = panel.button("tableWhole", () => cut.clear());
    const counts = panel.line(), answer = panel.line();

    /** Cut these connections, or join them again if all are cut. */
    function toggle(pairs) {
      const there = pairs.filter(([map, source]) => own[map].includes(source)).map(String);
      const join = there.every((pair) => cut.has(pair));
      for (const pair of there) cut[join ? "delete" : "add"](pair);
      panel.redraw();
    }

    return () => {
      const reads = kinds[kind], pairs = reads.flat().length, [mean, sd] = MEASURED[kind];
      press(kind);
      whole.disabled = kind !== "table" || !cut.size;
      for (const [pair, button] of cells) {
        const [map, source] = pair.split(",").map(Number), there = reads[map].includes(source);
        button.textContent = there ? "×" : "";
        button.disabled = kind !== "table" || !there;
        button.setAttribute("aria-pressed", String(there && !(kind === "table" && cut.has(pair))));
      }
      const words = { pairs, all: MAPS * SOURCES, parameters: grouped(25 * pairs + MAPS), connections: grouped((25 * pairs + MAPS) * 100) };
      counts.textContent = translate("tableCounts", { ...words, mean: mean.toFixed(2), sd: sd.toFixed(2) });
      const before = forward(lenet, page.seen), after = forward(without(lenet, cut), page.seen);
      const penalties = [before, after].map((result) => number(result.penalties[before.value], 1));
      answer.textContent = kind === "table"
        ? translate("tableCut", { cut: cut.size, value: after.value, confidence: percent(after.confidence), right: before.value, before: penalties[0], after: penalties[1] })
        : translate("tableApart");
    };
  },
};

/** So many pairs by chance, every map with one at least. */
function random(pairs) {
  const uniform = seeded(22), reads = Array.from({ length: MAPS }, () => [Math.floor(uniform() * SOURCES)]);
  while (reads.flat().length < pairs) {
    const [map, source] = [Math.floor(uniform() * MAPS), Math.floor(uniform() * SOURCES)];
    if (!reads[map].includes(source)) reads[map].push(source);
  }
  return reads;
}

/** The network without these connections "map,source". */
function without(network, cut) {
  const layers = network.layers.map((layer) => {
    if (layer.name !== "C3") return layer;
    return { ...layer, reads: (map) => layer.reads(map).filter((source) => !cut.has(`${map},${source}`)) };
  });
  return { ...network, layers };
}

/** Six rows of sixteen buttons with heads that cut a whole row or column; the buttons by "map,source". */
function build(root, toggle) {
  const cells = new Map(), all = (length) => Array.from({ length }, (_, k) => k);
  const button = (text, label, pairs) => {
    const made = element("button", { type: "button", text, "aria-label": label });
    made.addEventListener("click", () => toggle(pairs));
    return made;
  };
  const head = (layer, map, pairs) => element("th", {}, button(String(map), translate("ofMap", { layer, map }), pairs));
  root.append(element("caption", { text: translate("tableCaption") }));
  root.append(element("tr", {}, element("td"), ...all(MAPS).map((map) => head("C3", map, all(SOURCES).map((source) => [map, source])))));
  for (const source of all(SOURCES)) {
    const row = element("tr", {}, head("S2", source, all(MAPS).map((map) => [map, source])));
    for (const map of all(MAPS)) {
      const made = button("", translate("tablePair", { map, source }), [[map, source]]);
      cells.set(`${map},${source}`, made);
      row.append(element("td", {}, made));
    }
    root.append(row);
  }
  return cells;
}
