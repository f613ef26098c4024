// A card for each network: its answer, how sure it is, and the ten penalties.

import { greys, made, reach, signed, tile } from "./paint.js";
import { number, percent, say } from "./words.js";

/** Cards in `root` for networks {name, parameters, test_error_rate}; calls wanted(name). */
export function makeCards(root, wanted) {
  const cards = new Map();

  function add(about) {
    const card = { about, digit: made("span", { kind: "digit" }), sure: made("span", { kind: "sure" }) };
    card.bars = made("div", { kind: "bars", "aria-hidden": "true" });
    card.button = made("button", { type: "button" });
    card.button.addEventListener("click", () => wanted(about.name));
    card.facts = made("p", { kind: "small" });
    card.unit = made("p", { kind: "small" });
    card.value = made("div", { kind: "value" }, card.digit, card.sure);
    const head = made("h3", { text: about.name.replace(/x/g, "×") });
    card.root = made("article", { kind: "card", "data-network": about.name });
    card.root.append(head, card.facts, card.value, card.bars, card.unit, card.button);
    root.append(card.root);
    cards.set(about.name, card);
  }

  return {
    has: (name) => cards.has(name),
    add,
    /** The answers now: networks that are loaded, their walks, the one whose layers are shown. */
    update({ networks, walks, shown, reject }) {
      for (const [name, card] of cards) {
        const about = networks.get(name) ?? card.about;
        card.facts.textContent = facts(about);
        const chosen = name === shown && networks.has(name);
        card.root.classList.toggle("shown", chosen);
        card.button.setAttribute("aria-pressed", String(chosen));
        card.button.textContent = say(!networks.has(name) ? "loadFirst" : chosen ? "shown" : "show");
        answer(card, networks.get(name), walks.get(name), reject);
      }
    },
  };
}

function facts({ parameters, test_error_rate: rate }) {
  const count = parameters.toLocaleString("en");
  const errors = rate == null ? say("unknownErrors") : say("errors", { rate: percent(rate, 2) });
  return `${say("parameters", { count })} · ${errors}`;
}

function answer(card, network, walk, reject) {
  card.bars.replaceChildren();
  card.value.hidden = !network;
  const sure = walk && walk.confidence >= reject;
  card.digit.textContent = !walk ? "" : sure ? walk.value : say("unsure");
  card.sure.textContent = !walk ? (network ? say("blank") : "") : inWords(walk, reject);
  card.unit.textContent = walk ? say("penalties") : "";
  if (walk) card.bars.append(...bars(network, walk));
}

/** The answer in words. */
function inWords({ value, confidence }, reject) {
  const words = { value, confidence: percent(confidence) };
  return confidence >= reject ? percent(confidence) : say("rejected", words);
}

/** Ten bars, each standing on the picture that F6 is compared with. */
function bars(network, { penalties, value }) {
  const low = Math.min(0, ...penalties), most = Math.max(...penalties) - low || 1;
  const pictures = targets(network);
  return Array.from(penalties, (penalty, digit) => {
    const bar = made("span");
    bar.style.height = `${(100 * (penalty - low)) / most}%`;
    const column = made("div", { kind: digit === value ? "best" : "" });
    column.append(made("div", { kind: "bar" }, bar), ...(pictures ? [pictures[digit]] : []));
    const far = made("div", { kind: "far", text: number(penalty, Math.abs(penalty) < 9.95 ? 1 : 0) });
    column.append(made("div", { text: String(digit) }), far);
    return column;
  });
}

/** The ten codes as 7×12 drawings, or a linear head's weights; none for a dense network. */
function targets(network) {
  if (network.kind === "dense") return null;
  const isRbf = network.network.head === "rbf";
  const { values } = network.tensors[isRbf ? "output.codes" : "output.weight"];
  const scale = isRbf ? greys(-1, 1) : signed(reach(values));
  return Array.from({ length: 10 }, (_, digit) => tile(values.subarray(84 * digit, 84 * digit + 84), 7, 2, scale));
}
