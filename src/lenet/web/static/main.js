// The page: runs the drawing through the networks and updates every part.

import { about } from "./about.js";
import { explain } from "./unit-breakdown.js";
import { announce, makeAnswer, makeCards, makeChoices } from "./cards.js";
import { perturbed } from "./perturb.js";
import { inWords, makeLayers } from "./layers.js";
import { makeTraining } from "./training.js";
import { forward } from "./network.js";
import { makePad } from "./drawing-pad.js";
import { greyScale, element, resized, drawTile } from "./canvas.js";
import { receiveFiles, readByServer, readHere, Refusal } from "./image-file.js";
import { makePhoto } from "./photo.js";
import { makeGallery } from "./gallery.js";
import { centred } from "./centre.js";
import { makeSliders } from "./sliders.js";
import { makeWatch } from "./watch.js";
import { makeTour } from "./tour.js";
import { listenToPrinter } from "./print.js";
import { load, unpacked } from "./weights.js";
import { store, stored, percent, translate, setLanguage } from "./i18n.js";

const find = (id) => document.getElementById(id);
const page = { image: null, networks: new Map(), results: new Map(), shown: "1998", unit: null, pinned: false, status: null };
const FIRST = { layer: "C1", map: 2, row: 12, column: 15 }; // explained until a unit is chosen

const pad = makePad(find("pad"), drawn);
const sliders = makeSliders(find("sliders"), update);
const cards = makeCards(find("cards"), choose);
const answer = makeAnswer(find("answer"));
const choices = makeChoices(find("choices"), find("about-network"), choose);
const watch = makeWatch(find, (unit) => point(unit, true));
const layers = makeLayers(find("layers"), find("links"), point);
const training = makeTraining(find, about.served, (document) => {
  const network = unpacked(document);
  if (!cards.has(network.name)) cards.add(network);
  page.networks.set(network.name, network);
  update();
});
const tour = makeTour(find, about.networks, stageTour);

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
  update();
}

let waiting = 0, asked = false, reading = 0;

/** Once a frame at most: every loaded network runs, every part is redrawn. */
function update() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(paint);
}

function paint() {
  asked = false;
  const blank = new Uint8Array(784), seen = page.image ? perturbed(page.image, sliders.values()) : blank;
  page.results = new Map([...page.networks].map(([name, network]) => [name, forward(network, seen)]));
  show(seen);
}

function show(seen) {
  const reject = Number(find("reject").value) / 100, network = page.networks.get(page.shown);
  find("reject-value").textContent = percent(reject, 0);
  const pen = resized(find("network-input"), 28 * 6 + 2, 28 * 6 + 2);
  drawTile(pen, seen, 28, 1, 1, 6, greyScale(0, 255));
  const results = page.image ? page.results : new Map();
  photo.redraw(reject);
  find("answers-title").textContent = translate(photo.isOpen() ? "answersAlone" : "answers");
  cards.update({ networks: page.networks, results, shown: page.shown, reject, blank: nothing() });
  find("status").textContent = page.status ? translate(...page.status) : "";
  if (!network) return;
  choices(page.shown, page.networks.keys());
  const current = page.results.get(page.shown);
  gallery.show(page.image, results.get(page.shown));
  answer(network, results.get(page.shown), reject, nothing());
  if (page.unit && !current.stages.some(({ name }) => name === page.unit.layer)) page.unit = null;
  highlight();
  announce(find("answer-live"), network, results.get(page.shown), reject, nothing());
}

const nothing = () => translate(photo.isOpen() ? "photoBlank" : "blank");

/** The unit under the pointer; a pinned one stays until it is released. */
function point(unit, pins) {
  if (page.pinned && !pins) return;
  page.pinned = pins && unit !== null;
  page.unit = unit;
  highlight();
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

/** Show this network's layers; it is loaded when first chosen. */
async function choose(name) {
  try {
    if (!page.networks.has(name)) page.networks.set(name, await load(name));
  } catch {
    return setStatus("networkFailed", { name });
  }
  page.shown = name;
  [page.unit, page.pinned] = [null, false];
  update();
}

/** An image file, read by the server where there is one. */
async function open(file) {
  const number = ++reading;
  setStatus(file ? "reading" : "noImage");
  if (!file) return;
  try {
    const found = await (about.served ? readByServer : readHere)(file);
    if (number !== reading) return;
    page.status = about.served ? null : [found ? "readSimple" : "readNothing", {}];
    if (about.served) photo.show(found, file);
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
    if (!pad.isDrawing()) open(await pad.picture());
  }, 350);
}

function setStatus(key, words = {}) {
  page.status = [key, words];
  find("status").textContent = translate(key, words);
}

async function stageTour(step) {
  [page.unit, page.pinned] = [null, false];
  page.perturbation ??= sliders.values(); // the person's own, for the end of the tour
  sliders.set(step?.sliders ?? page.perturbation);
  if (!step) page.perturbation = null;
  if (!step) return update();
  await choose(step.network);
  if (!page.image) pad.write(4);
  [page.unit, page.pinned] = [step.unit, step.unit !== null];
  requestAnimationFrame(() => {
    const column = layers.columnOf(step.unit?.layer ?? "output"); // on a phone the strip scrolls sideways
    find("strip").scrollLeft = column.offsetLeft + column.offsetWidth - find("strip").clientWidth + 8;
  });
}

function inLanguage(language) {
  setLanguage(language);
  find("english").setAttribute("aria-pressed", String(language === "en"));
  find("korean").setAttribute("aria-pressed", String(language === "ko"));
  find("foot").textContent = translate(about.served ? "foot" : "footAway");
  for (const [digit, button] of [...find("examples").children].entries())
    button.setAttribute("aria-label", translate("example", { digit }));
  sliders.redraw();
  redraw();
}

function redraw() {
  tour.redraw();
  training.redraw();
  gallery.redraw();
  pad.redraw();
  layers.refresh();
  watch.name();
  update();
}

function inTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  find("theme").setAttribute("aria-pressed", String(dark));
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
  find("file").addEventListener("change", (event) => {
    if (event.target.files.length) open(event.target.files[0]);
    event.target.value = "";
  });
  find("english").addEventListener("click", () => inLanguage("en"));
  find("korean").addEventListener("click", () => inLanguage("ko"));
  find("theme").addEventListener("click", () => {
    inTheme(!document.documentElement.classList.contains("dark"));
    store("theme", document.documentElement.classList.contains("dark") ? "dark" : "light");
    redraw();
  });
  receiveFiles(find("pad"), open);
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(find("strip"));
}

for (let digit = 0; digit < 10; digit++) {
  const button = element("button", { type: "button", text: String(digit) });
  button.addEventListener("click", () => pad.write(digit));
  find("examples").append(button);
}
for (const network of about.networks) cards.add(network);
inTheme((stored("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
sliders.set({});
listen();
listenToPrinter(() => { redraw(); paint(); });
const shownIn = new URLSearchParams(location.search).get("lang"); // a page that frames this one
inLanguage(shownIn ?? stored("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en"));
choose("1998").then(() => pad.write(4));
