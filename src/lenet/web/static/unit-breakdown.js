// One unit's value: its inputs, its weights and their products.

import { unitBreakdown, dependence } from "./receptive-field.js";
import { nameOf, sees } from "./layers.js";
import { valueOf } from "./network.js";
import { greyScale, textColourOn, element, maxAbs, signedScale, tile } from "./canvas.js";
import { grouped, number, translate } from "./i18n.js";

const NUMBERED = 25; // a sum of up to so many terms shows every number
const ROOM = 264; // pixels across
const FIELDS = { C5: 15, F6: 7, hidden: 15, classes: 10 }; // columns in which single units are shown

/** Fill `root` with the unit's sum, or with a hint where there is no unit. */
export function explain(root, network, stages, unit) {
  const words = element("div", { kind: "words" });
  root.replaceChildren(words);
  const [, rows, columns] = stages.find(({ name }) => name === unit.layer).shape;
  const place = translate(rows * columns > 1 ? "place" : "alone", unit);
  words.append(element("h3", { text: `${nameOf(unit.layer)}, ${place}: ${number(valueOf(stages, unit))}` }));
  words.append(element("p", { kind: "small", text: `${nameOf(unit.layer)}: ${sees(network, unit.layer)}.` }));
  if (unit.layer === "input") return void words.append(element("p", { kind: "small", text: translate("inputUnit") }));
  const found = unitBreakdown(network, stages, unit);
  words.append(element("p", { kind: "total", text: equation(unit, found) }));
  words.append(element("p", { kind: "small", text: `${depends(network, stages, unit)} ${note(network, unit, found)}` }));
  root.append(element("div", { kind: "sum" }, ...terms(stages, found)));
}

/** The sum in figures, up to the unit's value. */
function equation({ layer }, { sum, bias, total, value }) {
  const figures = { sum: number(sum), bias: number(bias), total: number(total) };
  const added = bias === 0 ? translate("sum", figures) : translate("withBias", figures);
  const squashed = layer !== "output" && Math.abs(total - value) > 1e-6;
  return squashed ? `${added}, ${translate("squashed", { value: number(value) })}` : added;
}

function depends(network, stages, unit) {
  const { box } = dependence(network, stages, unit).input;
  const [rows, columns] = [box.bottom - box.top, box.right - box.left];
  const whole = rows >= stages[0].shape[1];
  return whole ? translate("fieldAll") : translate("fieldOf", { rows, columns });
}

/** A note on this kind of layer. */
function note(network, { layer, map }, { parts }) {
  const weights = parts.reduce((count, { weights: w }) => count + w.length, 0);
  if (layer === "C1" || layer === "C3") {
    const places = layer === "C1" ? 784 : 100;
    const words = { weights, places, connections: grouped(places * (weights + 1)), parameters: weights + 1 };
    const maps = network.network.c3_inputs[map].join(", ");
    return (layer === "C3" ? `${translate("readsMaps", { maps })} ` : "") + translate("shared", words);
  }
  if (layer === "S2" || layer === "S4")
    return network.network.subsampling === "trainable" ? translate("coefficient") : translate(`sees_${layer}`);
  const fixed = layer === "output" && network.network.head !== "linear";
  return fixed ? translate("rbf", { digit: map }) : translate("ownWeights");
}

/** The terms: with every number where they are few, else as pictures, map by map. */
function terms(stages, { below, parts, columns, squared }) {
  const names = squared ? ["inputs", "codes", "squares"] : ["inputs", "weights", "products"];
  const all = (key) => parts.flatMap((part) => part[key]);
  const most = maxAbs(stages.find(({ name }) => name === below).values);
  const scales = [
    below === "input" ? greyScale(-0.1, 1.175) : greyScale(-most, most),
    squared ? greyScale(-most, most) : signedScale(maxAbs(all("weights"))),
    squared ? greyScale(0, maxAbs(all("products"))) : signedScale(maxAbs(all("products"))),
  ];
  const single = FIELDS[below] !== undefined;
  if (parts.length === 1 || single) {
    const three = ["inputs", "weights", "products"].map(all), wide = single ? FIELDS[below] : columns;
    const few = three[0].length <= NUMBERED;
    const cell = wide > 15 ? Math.floor(ROOM / wide) : Math.min(12, Math.floor((ROOM - 30) / (3 * wide)));
    const figures = three.map((values, k) => {
      const picture = few ? table(values, wide, scales[k]) : tile(values, wide, cell, scales[k]);
      return element("figure", {}, element("figcaption", { text: translate(names[k]) }), picture);
    });
    return [element("div", { kind: "tiles" }, ...joined(figures, squared))];
  }
  const heads = `${translate(names[0])} × ${translate(names[1])} = ${translate(names[2])}`;
  const lines = parts.map((part) => line(below, part, columns, scales, squared));
  return [element("p", { kind: "small", text: heads }), element("div", { kind: "parts" }, ...lines)];
}

/** Inputs × weights = products; (inputs − code)² = squares. */
function joined([inputs, weights, products], squared) {
  const sign = (text) => element("span", { kind: "sign", text, "aria-hidden": "true" });
  return squared
    ? [sign("("), inputs, sign("−"), weights, sign(")² ="), products]
    : [inputs, sign("×"), weights, sign("="), products];
}

/** One map of many: its three pictures and what they add up to. */
function line(below, { map, inputs, weights, products }, columns, scales, squared) {
  const cell = 7, pictures = [inputs, weights, products].map((values, k) => tile(values, columns, cell, scales[k]));
  const sum = number(products.reduce((a, b) => a + b, 0));
  const name = element("span", { text: translate("ofMap", { layer: below, map }) });
  return element("div", { kind: "part" }, name, ...joined(pictures, squared), element("span", { text: sum }));
}

/** Numbers in cells of their colours. */
function table(values, columns, scale) {
  const body = element("tbody");
  for (let start = 0; start < values.length; start += columns) {
    const row = element("tr");
    for (const value of values.slice(start, start + columns)) {
      const cell = element("td", { text: number(value) }), shade = scale(value).map(Math.round);
      cell.style.background = `rgb(${shade})`;
      cell.style.color = textColourOn(shade);
      row.append(cell);
    }
    body.append(row);
  }
  return element("table", {}, body);
}
