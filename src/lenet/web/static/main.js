// The page: what was drawn goes through the networks, and every part shows its share of it.

import { explain } from "./account.js";
import { makeCards } from "./cards.js";
import { changed } from "./change.js";
import { inWords, makeLayers } from "./layers.js";
import { makeLearning } from "./learn.js";
import { walk } from "./network.js";
import { makePad } from "./pad.js";
import { greys, made, sized, drawTile, tile } from "./paint.js";
import { imageIn, readByServer, readHere } from "./photo.js";
import { centred } from "./prepare.js";
import { makeSliders } from "./sliders.js";
import { makeTour } from "./tour.js";
import { load, unpacked } from "./weights.js";
import { keep, kept, percent, say, speak } from "./words.js";

const find = (id) => document.getElementById(id);
const about = JSON.parse(find("about").textContent);
const page = { image: null, networks: new Map(), walks: new Map(), shown: "1998", unit: null, held: false, news: null };

const pad = makePad(find("pad"), () => { find("found").replaceChildren(); page.news = null; drawn(); });
const sliders = makeSliders(find("sliders"), update);
const cards = makeCards(find("cards"), choose);
const layers = makeLayers(find("layers"), point);
const learning = makeLearning(find, about.served, (document) => {
  const network = unpacked(document);
  if (!cards.has(network.name)) cards.add(network);
  page.networks.set(network.name, network);
  update();
});
const tour = makeTour(find, about.networks, stageTour);

/** What is on the pad becomes the image; a number of several digits goes to the server. */
function drawn() {
  page.image = pad.isEmpty() ? null : centred(pad.ink());
  if (find("several").checked && page.image) readNumber();
  update();
}

let waiting = 0, asked = false;

/** Once a frame at most: every loaded network walks, every part is drawn. */
function update() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const blank = new Uint8Array(784), seen = page.image ? changed(page.image, sliders.values()) : blank;
    page.walks = new Map([...page.networks].map(([name, network]) => [name, walk(network, seen)]));
    show(seen);
  });
}

function show(seen) {
  const reject = Number(find("reject").value) / 100, network = page.networks.get(page.shown);
  find("reject-value").textContent = percent(reject, 0);
  const pen = sized(find("saw"), 28 * 8 + 2, 28 * 8 + 2);
  drawTile(pen, seen, 28, 1, 1, 8, greys(0, 255));
  const walks = page.image ? page.walks : new Map();
  cards.update({ networks: page.networks, walks, shown: page.shown, reject });
  find("news").textContent = page.news ? say(...page.news) : "";
  if (!network) return;
  const current = page.walks.get(page.shown);
  if (page.unit && !current.stages.some(({ name }) => name === page.unit.layer)) page.unit = null;
  light();
  hear(network, walks.get(page.shown), reject);
}

/** The answer for those who hear the page, once the pen rests. */
function hear(network, current, reject) {
  clearTimeout(hear.later);
  hear.later = setTimeout(() => {
    const words = current && { network: network.name, value: current.value, confidence: percent(current.confidence) };
    const sure = current?.confidence >= reject;
    find("heard").textContent = current ? say(sure ? "heard" : "heardRejected", words) : say("blank");
  }, 400);
}

/** The unit that is pointed at; a kept one stays until it is let go. */
function point(unit, keeps) {
  if (page.held && !keeps) return;
  page.held = keeps && unit !== null;
  page.unit = unit;
  light();
}

function light() {
  const network = page.networks.get(page.shown), current = page.walks.get(page.shown);
  if (!network || !current) return;
  layers.show(network, current.stages, page.unit);
  find("unit").classList.toggle("chosen", page.unit !== null);
  explain(find("account"), network, current.stages, page.unit);
  find("unit-heard").textContent = page.held ? inWords(page.unit, current.stages) : "";
}

/** Show this network's layers; it is loaded when it is first wanted. */
async function choose(name) {
  if (!page.networks.has(name)) page.networks.set(name, await load(name));
  page.shown = name;
  [page.unit, page.held] = [null, false];
  update();
}

/** An image file, read by the server where there is one. */
async function open(file) {
  if (!file) return;
  tell("reading");
  try {
    offer(await (about.served ? readByServer : readHere)(file), about.served ? "readNumber" : "readSimple");
  } catch (problem) {
    tell("readFailed", { message: problem.message });
  }
}

/** The number on the pad, once the pen has rested for a moment. */
function readNumber() {
  clearTimeout(waiting);
  if (!about.served) return tell("numberNeedsServer");
  waiting = setTimeout(async () => {
    if (!pad.isDrawing()) open(await pad.picture());
  }, 350);
}

function tell(key, words) {
  page.news = [key, words];
  find("news").textContent = say(key, words);
}

/** The digits that were read; each can go through the network. */
function offer(digits, key) {
  const text = digits.map(({ value }) => value).join("");
  tell(digits.length ? key : "readNothing", { text });
  find("found").replaceChildren(...digits.map(({ image, value }, k) => {
    const words = say("digitOf", { number: k + 1, value: value ?? "" });
    const button = made("button", { type: "button", "aria-label": words }, tile(image, 28, 2, greys(0, 255)));
    button.addEventListener("click", () => { page.image = image; update(); });
    return button;
  }));
  if (digits.length) page.image = digits[0].image;
  update();
}

async function stageTour(step) {
  [page.unit, page.held] = [null, false];
  sliders.set(step?.sliders ?? {});
  if (!step) return update();
  await choose(step.network);
  find("several").checked = false;
  pad.widen(false);
  pad.write(step.digit);
  [page.unit, page.held] = [step.unit, step.unit !== null];
  requestAnimationFrame(() => {
    const layer = step.unit && document.querySelector(`[data-layer="${step.unit.layer}"]`);
    (layer ?? find("cards")).scrollIntoView({ block: "end" }); // so that what it depends on is in view
  });
}

function inLanguage(language) {
  speak(language);
  find("english").setAttribute("aria-pressed", String(language === "en"));
  find("korean").setAttribute("aria-pressed", String(language === "ko"));
  find("foot").textContent = say(about.served ? "foot" : "footAway");
  for (const [digit, button] of [...find("examples").children].entries())
    button.setAttribute("aria-label", say("example", { digit }));
  sliders.redraw();
  redraw();
}

function redraw() {
  tour.redraw();
  learning.redraw();
  pad.redraw();
  update();
}

function inTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  find("theme").setAttribute("aria-pressed", String(dark));
}

function listen() {
  find("clear").addEventListener("click", () => pad.clear());
  find("undo").addEventListener("click", () => pad.undo());
  find("several").addEventListener("change", (event) => pad.widen(event.target.checked));
  find("reset").addEventListener("click", () => { sliders.set({}); update(); });
  find("reject").addEventListener("input", update);
  find("file").addEventListener("change", (event) => { open(event.target.files[0]); event.target.value = ""; });
  find("english").addEventListener("click", () => inLanguage("en"));
  find("korean").addEventListener("click", () => inLanguage("ko"));
  find("theme").addEventListener("click", () => {
    inTheme(!document.documentElement.classList.contains("dark"));
    keep("theme", document.documentElement.classList.contains("dark") ? "dark" : "light");
    redraw();
  });
  document.addEventListener("paste", (event) => open(imageIn(event.clipboardData)));
  document.addEventListener("dragover", (event) => { event.preventDefault(); find("pad").classList.add("over"); });
  document.addEventListener("dragleave", () => find("pad").classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    find("pad").classList.remove("over");
    open(imageIn(event.dataTransfer));
  });
  new ResizeObserver(redraw).observe(document.body);
}

for (let digit = 0; digit < 10; digit++) {
  const button = made("button", { type: "button", text: String(digit) });
  button.addEventListener("click", () => pad.write(digit));
  find("examples").append(button);
}
for (const network of about.networks) cards.add(network);
inTheme((kept("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
sliders.set({});
listen();
inLanguage(kept("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en"));
choose("1998").then(() => pad.write(4));
