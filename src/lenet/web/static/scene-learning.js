// How it learns: a network with random weights, its loss for the drawing, one update after the other.

import { colour, drawTile, maxAbs, resized, signedScale, greyScale } from "./canvas.js";
import { slopes, updated } from "./backward.js";
import { nameOf } from "./layers.js";
import { planOf } from "./maps.js";
import { confidences, inputStage, stagesOf } from "./network.js";
import { seeded } from "./perturb.js";
import { picture } from "./scene-parts.js";
import { number, percent, translate } from "./i18n.js";

const RATE = 0.001; // of a step down the slope, one for all weights

export const learning = {
  id: "learning",
  slow: true,
  open(panel, page) {
    const lenet = page.networks.get("1998");
    let layers = untrained(lenet.layers), target = page.results.get("1998").value, losses = [], lit = 0;
    const error = panel.figure("learnError", {}, "full"), curve = panel.figure("learnLoss"), drawing = panel.figure("codesDrawing");
    panel.list("learnTarget", [...Array(10).keys()], target, (digit) => { target = Number(digit); losses = []; });
    panel.button("learnUpdate", update);
    panel.button("reset", () => { layers = untrained(lenet.layers); losses = []; lit = 0; });
    panel.play(() => { if (lit++ === lenet.layers.length + 1) update(); }, 350);
    const line = panel.line();
    const run = () => stagesOf(layers, inputStage(page.seen));

    function update() {
      const stages = run();
      losses.push(stages.at(-1).values[target]);
      layers = updated(layers, slopes(layers, stages, target), RATE);
      lit = 0;
    }

    return () => {
      const stages = run(), penalties = stages.at(-1).values, { values } = slopes(layers, stages, target);
      const value = penalties.indexOf(Math.min(...penalties)), loss = penalties[target];
      const shown = matchMedia("(prefers-reduced-motion: reduce)").matches ? stages.length : lit + 1;
      drawErrors(error, stages, values, shown, panel.width() - 2, Math.max(180, panel.cell(150)));
      drawLosses(curve, [...losses, loss], panel.cell(190), panel.cell(100));
      const drawn = stages.at(-2).values;
      picture(drawing, drawn, 7, panel.cell(8), greyScale(-maxAbs(drawn), maxAbs(drawn)));
      const confidence = percent(confidences(penalties, lenet.temperature)[value]);
      line.textContent = translate("learnNow", { updates: losses.length, target, loss: number(loss, 1), value, confidence });
    };
  },
};

/** The layers with random weights, uniform within 1/√F of the fan-in F, as before training; biases 0. */
function untrained(layers) {
  const uniform = seeded(3);
  return layers.map((layer) => {
    const { terms, step, side, shape: [maps], reads, weights, bias } = layer;
    if (terms === "squares") return layer;
    const limit = (k) => 1 / Math.sqrt(side * side * reads(Math.floor((k * maps) / weights.length)).length);
    const fresh = weights.map((_, k) => (step === 2 ? 0.5 : (2 * uniform() - 1) * limit(k)));
    return { ...layer, weights: fresh, bias: bias.map(() => 0) };
  });
}

/** The slopes in each layer's values, the last `shown` layers of them. */
function drawErrors(canvas, stages, values, shown, wide, high) {
  const plans = stages.map((stage) => planOf(stage, high)), used = plans.reduce((sum, plan) => sum + plan.wide - plan.left, 0);
  const gap = Math.min(24, (wide - used - 26) / (plans.length - 1)), context = resized(canvas, used + gap * (plans.length - 1) + 26, high + 16);
  Object.assign(context, { font: "11px system-ui, sans-serif", fillStyle: colour("faint"), textBaseline: "top" });
  let left = 1;
  plans.forEach((plan, k) => {
    const lit = plans.length - k <= shown, scale = signedScale(lit ? maxAbs(values[k]) : 1), { height, width } = plan;
    for (let map = 0; map < plan.maps; map++) {
      const found = values[k].subarray(map * height * width, (map + 1) * height * width);
      drawTile(context, lit ? found : found.map(() => 0), width, left, 16 + map * plan.step + plan.top, plan.cell, scale);
    }
    context.fillText(nameOf(stages[k].name), left, 1);
    left += plan.wide - plan.left + gap;
  });
  canvas.dataset.lit = Math.min(shown, plans.length);
}

/** The loss after each update. */
function drawLosses(canvas, losses, wide, high) {
  const context = resized(canvas, wide, high), most = Math.max(...losses), steps = Math.max(losses.length - 1, 9);
  const place = (k) => [8 + (k / steps) * (wide - 16), high - 4 - (losses[k] / most) * (high - 12)];
  Object.assign(context, { strokeStyle: colour("accent"), fillStyle: colour("accent"), lineWidth: 2 });
  context.beginPath();
  losses.forEach((_, k) => context.lineTo(...place(k)));
  context.stroke();
  context.beginPath();
  context.arc(...place(losses.length - 1), 3.5, 0, 7);
  context.fill();
  Object.assign(context, { strokeStyle: colour("line"), lineWidth: 1 });
  context.strokeRect(0.5, 0.5, wide - 1, high - 1);
}
