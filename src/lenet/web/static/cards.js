// A card for each network: its answer, confidence and ten penalties.

import { about } from "./about.js";
import { greyScale, element, isDark, maxAbs, signedScale, tile } from "./canvas.js";
import { grouped, number, percent, translate } from "./i18n.js";

const NAMED = { 1998: "1998", modern: "modern", "28x28-75-10": "dense", learning: "learning" };

/** What a network is called, and how it came about; its own name where it has no text. */
const titleOf = (name) => (name in NAMED ? translate(`name_${NAMED[name]}`) : name);
const storyOf = (name) => (name in NAMED ? translate(`story_${NAMED[name]}`) : "");

/** Cards in `root` for networks {name, parameters, test_error_rate}; calls onChoose(name). */
export function makeCards(root, onChoose) {
  const cards = new Map();

  function add(network) {
    const card = { about: network, digit: element("span", { kind: "digit" }), sure: element("span", { kind: "sure" }) };
    card.bars = element("div", { kind: "bars", "aria-hidden": "true" });
    card.button = element("button", { type: "button" });
    card.button.addEventListener("click", () => onChoose(network.name));
    card.facts = element("p", { kind: "small" });
    card.unit = element("p", { kind: "small" });
    card.value = element("div", { kind: "value" }, card.digit, card.sure);
    card.name = element("h3");
    card.root = element("article", { kind: "card", "data-network": network.name });
    card.root.append(card.name, card.facts, card.value, card.bars, card.unit, card.button);
    root.append(card.root);
    cards.set(network.name, card);
  }

  return {
    has: (name) => cards.has(name),
    add,
    /** The answers now: networks that are loaded, their results, the one whose layers are shown. */
    update({ networks, results, shown, reject, blank }) {
      for (const [name, card] of cards) {
        const known = networks.get(name) ?? card.about;
        card.name.textContent = titleOf(name);
        card.facts.textContent = facts(known);
        const chosen = name === shown && networks.has(name);
        card.root.classList.toggle("shown", chosen);
        card.button.setAttribute("aria-pressed", String(chosen));
        card.button.textContent = translate(!networks.has(name) ? "loadFirst" : chosen ? "shown" : "show");
        answer(card, networks.get(name), results.get(name), reject, blank);
      }
    },
  };
}

function facts({ parameters, test_error_rate: rate, data = "mnist" }) {
  const count = grouped(parameters);
  const errors = rate == null ? translate("unknownErrors") : translate("errors", { rate: percent(rate, 2), data: translate(`data_${data}`) });
  return `${translate("parameters", { count })} · ${errors}`;
}

/** A button for each network above its layers; gives update(the one shown, those loaded by name). */
export function makeChoices(root, story, onChoose) {
  const buttons = new Map();
  return (shown, loaded) => {
    for (const name of [...about.networks.map((network) => network.name), ...loaded.keys()]) {
      if (buttons.has(name)) continue;
      buttons.set(name, element("button", { type: "button" }));
      buttons.get(name).addEventListener("click", () => onChoose(name));
      root.append(buttons.get(name));
    }
    for (const [name, button] of buttons) {
      button.textContent = titleOf(name);
      button.setAttribute("aria-pressed", String(name === shown));
    }
    const { rounded } = loaded.get(shown);
    story.classList.toggle("rounded", rounded === true);
    story.textContent = rounded ? translate("rounded") : storyOf(shown);
  };
}

let later = 0;

/** The answer for screen readers, once the pen rests. */
export function announce(live, network, result, reject, blank) {
  clearTimeout(later);
  later = setTimeout(() => {
    const words = result && { network: titleOf(network.name), value: result.value, confidence: percent(result.confidence) };
    const key = result?.confidence >= reject ? "announced" : "announcedRejected";
    live.textContent = result ? translate(key, words) : blank;
  }, 400);
}

/** The answer of one network beside the pad; gives update(network, result, reject, blank). */
export function makeAnswer(root) {
  const [, digit, sure, bars, unit] = root.children;
  const card = { value: root, digit, sure, bars, unit };
  return (...now) => answer(card, ...now);
}

function answer(card, network, result, reject, blank) {
  card.bars.replaceChildren();
  card.value.hidden = !network;
  const sure = result && result.confidence >= reject;
  card.digit.textContent = !result ? "" : sure ? result.value : translate("unsure");
  card.sure.textContent = !result ? (network ? blank : "") : inWords(result, reject);
  card.unit.textContent = result ? translate(network.name === "modern" ? "penaltiesRelative" : "penalties") : "";
  if (result) card.bars.append(...bars(network, result, targets(card, network)));
}

/** The answer in words. */
function inWords({ value, confidence }, reject) {
  const words = { value, confidence: percent(confidence) };
  return confidence >= reject ? percent(confidence) : translate("rejected", words);
}

/** Ten bars, each standing on the picture that F6 is compared with. */
function bars(network, { penalties, value }, pictures) {
  const low = Math.min(0, ...penalties), most = Math.max(...penalties) - low || 1;
  return Array.from(penalties, (penalty, digit) => {
    const bar = element("span");
    bar.style.height = `${(100 * (penalty - low)) / most}%`;
    const column = element("div", { kind: digit === value ? "best" : "" });
    column.append(element("div", { kind: "bar" }, bar), ...(pictures ? [pictures[digit]] : []));
    const far = element("div", { kind: "far", text: number(penalty, Math.abs(penalty) < 9.95 ? 1 : 0) });
    column.append(element("div", { text: String(digit) }), far);
    return column;
  });
}

/** The ten codes as 7×12 drawings, or a linear head's weights; none for a dense network. */
function targets(card, network) {
  if (network.kind === "dense") return null;
  if (card.pictures?.network === network && card.pictures.dark === isDark()) return card.pictures.tiles;
  const isRbf = network.network.head === "rbf";
  const { values } = network.tensors[isRbf ? "output.codes" : "output.weight"];
  const scale = isRbf ? greyScale(-1, 1) : signedScale(maxAbs(values));
  const tiles = Array.from({ length: 10 }, (_, digit) => tile(values.subarray(84 * digit, 84 * digit + 84), 7, 2, scale));
  card.pictures = { network, dark: isDark(), tiles };
  return tiles;
}
