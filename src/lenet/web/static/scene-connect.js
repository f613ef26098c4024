// Why not connect everything? The weights drawn to scale, and pixels shuffled.

import { colour, greyScale, maxAbs, resized, signedScale, element } from "./canvas.js";
import { forward } from "./network.js";
import { seeded } from "./perturb.js";
import { inWords, picture } from "./scene-parts.js";
import { percent, translate } from "./i18n.js";

const SIDE = 28, HIDDEN = 22; // a hidden unit whose weights are shown

/** What C1 would cost if it were connected to every input, and what it costs. */
export function firstLayer({ layers: [{ shape, weights, bias }] }, { stages: [{ values }] }) {
  const units = shape.reduce((product, length) => product * length);
  return { inputs: values.length, units, all: values.length * units, own: weights.length + bias.length };
}

export const connect = {
  id: "connect",
  needs: ["28x28-75-10"],
  open(panel, page) {
    const counts = firstLayer(page.networks.get("1998"), page.results.get("1998"));
    const areas = panel.figure("connectAreas", inWords(counts));
    const image = panel.figure("connectImage"), weights = panel.figure("connectWeights");
    const answers = panel.add(element("table", { kind: "answers" }));
    const share = panel.range("connectShuffle", { min: 0, max: 100, value: 100 });
    const line = panel.line();

    return () => {
      const dense = page.networks.get("28x28-75-10"), lenet = page.networks.get("1998");
      const order = shuffled(Number(share.value) / 100), mixed = page.seen.map((_, k) => page.seen[order[k]]);
      const rearranged = withInputs(dense, order);
      drawAreas(areas, panel.cell(150), counts);
      picture(image, mixed, SIDE, panel.cell(4), greyScale(0, 255));
      const unit = rearranged.layers[0].weights.subarray(HIDDEN * SIDE * SIDE, (HIDDEN + 1) * SIDE * SIDE);
      picture(weights, unit, SIDE, panel.cell(4), signedScale(maxAbs(unit)));
      const before = forward(dense, page.seen), after = forward(rearranged, mixed), other = forward(lenet, mixed);
      answers.replaceChildren(...[
        [translate("name_dense"), after], ["LeNet-5", other],
      ].map(([name, { value, confidence }]) => element("tr", {},
        element("th", { text: name, scope: "row" }),
        element("td", {}, element("b", { text: value }), element("small", { text: percent(confidence) })))));
      const most = Math.max(...after.penalties.map((penalty, k) => Math.abs(penalty - before.penalties[k])));
      line.textContent = translate("connectSame", { most: most.toFixed(6) });
    };
  },
};

/** Which pixel comes to each place: a share of them change places among themselves. */
function shuffled(share) {
  const uniform = seeded(7), order = Array.from({ length: SIDE * SIDE }, (_, k) => k);
  const mix = (list) => {
    for (let k = list.length - 1; k > 0; k--) {
      const other = Math.floor(uniform() * (k + 1));
      [list[k], list[other]] = [list[other], list[k]];
    }
    return list;
  };
  const moving = mix([...order]).slice(0, Math.round(share * order.length)), places = mix([...moving]);
  moving.forEach((from, k) => { order[places[k]] = from; });
  return order;
}

/** The network with its first weights rearranged as its inputs are. */
function withInputs(network, order) {
  const [first, ...rest] = network.layers;
  const weights = first.weights.map((_, k) => first.weights[k - (k % order.length) + order[k % order.length]]);
  return { ...network, layers: [{ ...first, weights }, ...rest] };
}

/** A square of all weights, and in it the square of C1's. */
function drawAreas(canvas, side, { all, own }) {
  const context = resized(canvas, side, side), dot = side * Math.sqrt(own / all);
  context.fillStyle = colour("bar");
  context.fillRect(0, 0, side, side);
  context.fillStyle = colour("accent");
  context.fillRect(side / 2, side / 2, dot, dot);
  Object.assign(context, { strokeStyle: colour("accent"), lineWidth: 1.5 });
  context.beginPath();
  context.arc(side / 2 + dot / 2, side / 2 + dot / 2, 9, 0, 7);
  context.stroke();
}
