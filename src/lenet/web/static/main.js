// The page: runs the drawing through the networks and updates every part.

import { about } from "./about.js";
import { explain } from "./unit-breakdown.js";
import { announce, makeCards, makeChoices } from "./cards.js";
import { perturbed } from "./perturb.js";
import { inWords, makeLayers } from "./layers.js";
import { makeTraining } from "./training.js";
import { forward } from "./network.js";
import { greyScale, element, resized, drawTile } from "./canvas.js";
import { receiveFiles, readByServer, readHere, Refusal } from "./image-file.js";
import { makePhoto } from "./photo.js";
import { makeGallery } from "./gallery.js";
import { centred } from "./centre.js";
import { makeSliders } from "./sliders.js";
import { makeWatch } from "./watch.js";
import { listenToPrinter } from "./print.js";
import { addressed, keepAddress } from "./address.js";
import { makeLesson } from "./lesson.js";
import { load, unpacked } from "./weights.js";
import { answer, first, onDrawing, pad } from "./start.js";
import { percent, receiveChoices, translate, setLanguage } from "./i18n.js";

const find = (id) => document.getElementById(id);
const page = { image: null, networks: new Map([[first.name, first]]), results: new Map(), shown: first.name, unit: null, pinned: false, status: null };
const FIRST = { layer: "C1", map: 2, row: 12, column: 15 }; // explained until a unit is chosen

const sliders = makeSliders(find("sliders"), update);
const cards = makeCards(find("cards"), choose);
const choices = makeChoices(find("choices"), find("about-network"), choose);
const watch = makeWatch(find, (unit) => point(unit, true));
const layers = makeLayers(find("layers"), find("links"), point);
const training = makeTraining(find, about.served, (document) => {
  const network = unpacked(document);
  if (!cards.has(network.name)) cards.add(network);
  page.networks.set(network.name, network);
  update();
});
const lesson = makeLesson(find, page, { pad, sliders, has, choose, point, perturb, changed: keep, fail: setStatus });

const photo = makePhoto(find, (digit) => {
  page.image = digit?.image ?? null;
  update();
});

const gallery = makeGallery(find, ({ image, noise }) => {
  if (find("several").checked) find("several").click();
  sliders.set({ noise });
  pad.load(image);
});

/** What is on the pad becomes the image; a number of several digits goes to the server. */
function drawn() {
  const several = find("several").checked && !pad.isEmpty();
  page.status = null;
  reading += 1; // an answer that is on its way comes too late
  if (several) readNumber();
  else {
    photo.show(null);
    page.image = pad.isEmpty() ? null : pad.image() ?? centred(pad.ink());
  }
  keep();
  update();
}

/** The address carries the scene, the digit and the language. */
function keep(rest) {
  const lang = document.documentElement.lang;
  keepAddress(() => ({ scene: lesson.id(), digit: find("several").checked ? null : pad.code(), lang }), rest);
}

let waiting = 0, queued = false, reading = 0;

/** Once a frame at most: every loaded network runs, every part is redrawn. */
function update() {
  if (queued) return;
  queued = true;
  requestAnimationFrame(paint);
}

function paint() {
  queued = false;
  page.perturbation = sliders.values();
  page.seen = page.image ? perturbed(page.image, page.perturbation, page.grain) : new Uint8Array(784);
  page.results = new Map([...page.networks].map(([name, network]) => [name, forward(network, page.seen)]));
  show();
}

function show() {
  const reject = Number(find("reject").value) / 100, network = page.networks.get(page.shown);
  find("reject-value").textContent = percent(reject, 0);
  const pen = resized(find("network-input"), 28 * 6 + 2, 28 * 6 + 2);
  drawTile(pen, page.seen, 28, 1, 1, 6, greyScale(0, 255));
  const results = page.image ? page.results : new Map();
  photo.redraw(reject);
  find("answers-title").textContent = translate(photo.isOpen() ? "answersAlone" : "answers");
  cards.update({ networks: page.networks, results, shown: page.shown, reject, blank: nothing() });
  find("status").textContent = page.status ? translate(...page.status) : "";
  if (!network) return;
  choices(page.shown, page.networks);
  const current = page.results.get(page.shown);
  gallery.show(page.image, results.get(page.shown));
  answer(network, results.get(page.shown), reject, nothing());
  if (page.unit && !current.stages.some(({ name }) => name === page.unit.layer)) page.unit = null;
  highlight();
  lesson.draw();
  announce(find("answer-live"), network, results.get(page.shown), reject, nothing());
}

const nothing = () => translate(photo.isOpen() ? "photoBlank" : "blank");

/** The unit under the pointer; a pinned one stays until it is released. */
function point(unit, pins) {
  if (page.pinned && !pins) return;
  page.pinned = pins && unit !== null;
  page.unit = unit;
  highlight();
  lesson.draw(true);
}

function highlight() {
  const network = page.networks.get(page.shown), current = page.results.get(page.shown);
  if (!network || !current) return;
  const { stages } = current, here = (unit) => unit && stages.some(({ name }) => name === unit.layer);
  page.resting = [page.unit, page.resting, FIRST].find(here) ?? { layer: stages[1].name, map: 0, row: 0, column: 0 };
  layers.show(network, stages, page.unit, page.pinned);
  find("unit").classList.toggle("chosen", page.unit !== null);
  find("release").hidden = !page.pinned;
  explain(find("unit-breakdown"), network, stages, page.resting);
  watch.show(network, stages, page.resting);
  find("unit-live").textContent = page.pinned && !watch.isPlaying() ? inWords(page.unit, stages) : "";
}

/** Whether this network is there, if rounded; the exact weights are loaded when it is first asked for. */
async function has(name) {
  const known = page.networks.get(name);
  if (known && !known.rounded) return true;
  const coming = load(name).then((network) => {
    page.networks.set(name, network);
    update();
  }, () => setStatus("networkFailed"));
  if (!known) await coming;
  return page.networks.has(name);
}

/** Show this network's layers. */
async function choose(name) {
  if (!(await has(name))) return;
  page.shown = name;
  [page.unit, page.pinned] = [null, false];
  update();
}

/** An image file, or the number on the pad, read by the server where there is one. */
async function open(file, isDrawn = false) {
  const number = ++reading;
  setStatus(file ? "reading" : "noImage");
  if (!file) return;
  try {
    const found = await (about.served ? readByServer : readHere)(file);
    if (number !== reading) return;
    page.status = about.served ? null : [found ? "readSimple" : "readNothing", {}];
    if (about.served) photo.show(found, file, isDrawn);
    else page.image = found;
    update();
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    if (number === reading) setStatus(problem.message);
  }
}

/** The number on the pad, once the pen has rested for a moment. */
function readNumber() {
  clearTimeout(waiting);
  page.image = photo.isOpen() ? page.image : null; // until it is read
  if (!about.served) return setStatus("numberNeedsServer");
  waiting = setTimeout(async () => {
    if (!pad.isDrawing()) open(await pad.picture(), true);
  }, 350);
}

function setStatus(key, words = {}) {
  page.status = [key, words];
  find("status").textContent = translate(key, words);
}

function perturb(values, grain) {
  sliders.set(values);
  page.grain = grain;
  update();
}

function inLanguage(language) {
  setLanguage(language);
  lesson.redraw();
  redraw();
}

function redraw() {
  for (const [digit, button] of [...find("examples").children].entries())
    button.setAttribute("aria-label", translate("example", { digit }));
  sliders.redraw();
  training.redraw();
  gallery.redraw();
  pad.redraw();
  layers.refresh();
  watch.name();
  update();
}

/** Show what an address asks for. */
function follow({ scene, digit, lang }) {
  if (lang) inLanguage(lang);
  if (digit !== null) pad.draw(digit);
  lesson.open(scene);
}

function listen() {
  find("clear").addEventListener("click", () => pad.clear());
  find("undo").addEventListener("click", () => pad.undo());
  find("photo-close").addEventListener("click", drawn);
  find("several").addEventListener("change", ({ target }) => {
    find("top").classList.toggle("wide", target.checked);
    pad.widen(target.checked);
  });
  find("release").addEventListener("click", () => { watch.stop(); point(null, true); });
  document.addEventListener("keydown", (event) => event.key === "Escape" && find("release").click());
  find("reset").addEventListener("click", () => { sliders.set({}); update(); });
  find("reject").addEventListener("input", update);
  addEventListener("hashchange", () => follow(addressed()));
  receiveChoices((language) => { inLanguage(language); keep(0); }, redraw);
  receiveFiles(find("file"), find("pad"), open);
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(find("strip"));
}

for (let digit = 0; digit < 10; digit++) {
  const button = element("button", { type: "button", text: String(digit) });
  button.addEventListener("click", () => pad.write(digit));
  find("examples").append(button);
}
for (const network of about.networks) cards.add(network);
sliders.set({});
listen();
listenToPrinter(() => { redraw(); paint(); });
redraw();
onDrawing(drawn);
drawn();
choose(first.name);
lesson.open(addressed().scene);
