// Noise and distortion: the digit degraded step by step, and what the networks read.

import { drawTile, element, greyScale, resized } from "./canvas.js";
import { forward } from "./network.js";
import { grainOf, perturbed } from "./perturb.js";
import { number, percent, translate } from "./i18n.js";

const STEPS = 9, SIDE = 28;
const NAMES = { 1998: "name_1998", modern: "name_modern", "28x28-75-10": "name_dense" };
const KINDS = { // the strongest of each, and what is added to its figure
  noise: [80, "\u00a0%"], turn: [45, "°"], right: [8, "\u00a0px"], thick: [3, "\u00a0px"],
};

export const noise = {
  id: "noise",
  needs: ["28x28-75-10", "modern"],
  slow: true,
  open(panel, page, { perturb }) {
    let kind = "noise", at = 4, grain = grainOf(0), seed = 0;
    const film = panel.figure("noiseFilm", {}, "full");
    const answers = panel.add(element("table", { kind: "answers film" }));
    const press = panel.choice("noiseKinds", Object.fromEntries(Object.keys(KINDS).map((name) => [name, translate(name)])), (name) => { kind = name; set(); });
    const slider = panel.range("noiseStrength", { min: 0, max: STEPS - 1, value: at }, (value) => { play.pause(); at = value; set(); });
    const play = panel.play(() => {
      at = (at + 1) % STEPS;
      seed += 1; // each time other noise
      grain = grainOf(seed);
      set();
    }, 1_000);
    const line = panel.line();
    const amount = (step) => (step / (STEPS - 1)) * KINDS[kind][0];
    function set() {
      slider.value = at;
      perturb({ [kind]: amount(at) }, grain);
    }
    set();

    return () => {
      const image = page.image ?? page.seen, cell = Math.min(3.5, (panel.width() - 2) / STEPS / (SIDE + 1)), step = cell * (SIDE + 1);
      const context = resized(film, step * STEPS, cell * SIDE + 6);
      const images = Array.from({ length: STEPS }, (_, k) => perturbed(image, { [kind]: amount(k) }, grain));
      images.forEach((one, k) => drawTile(context, one, SIDE, 1 + k * step, 1, cell, greyScale(0, 255)));
      const found = Object.keys(NAMES).map((name) => images.map((one) => forward(page.networks.get(name), one)));
      press(kind);
      answers.style.width = `${step * STEPS}px`;
      answers.replaceChildren(...found.flatMap((results, k) => [
        element("tr", {}, element("th", { colspan: STEPS, scope: "rowgroup", text: translate(Object.values(NAMES)[k]) })),
        element("tr", {}, ...results.map(({ value }, place) => {
          const kinds = [value === found[0][0].value ? "" : "lost", place === at ? "now" : ""];
          return element("td", { text: value, kind: kinds.join(" ").trim() });
        })),
      ]));
      const words = { amount: `${number(amount(at), KINDS[kind][0] < 10 ? 1 : 0)}${KINDS[kind][1]}`, ...found[0][at] };
      line.textContent = translate("noiseNow", { ...words, confidence: percent(words.confidence), kind: translate(kind) });
    };
  },
};
