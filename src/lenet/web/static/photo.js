// A photo that was read: the photo itself with a box around each digit, and its numbers in their
// rows and tables, each with its confidence.

import { element, greyScale, tile } from "./canvas.js";
import { percent, translate } from "./i18n.js";

/** The photo's section; calls onDigit(digit) with the digit that is chosen, or null for none. */
export function makePhoto(find, onDigit) {
  let reading = null, isDrawn = false, chosen = 0, reject = 0;
  find("copy-text").addEventListener("click", () => copy(reading.text));
  find("copy-csv").addEventListener("click", () => copy(csv(rowsOf(reading))));
  find("photo-image").addEventListener("error", () => find("photo-view").classList.add("paper"));

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      find("copied").textContent = translate("copied");
    } catch { // without https a browser offers no clipboard
      find("copied").textContent = text;
    }
  }

  function choose(k) {
    chosen = k;
    redraw();
    onDigit(reading.digits[k]);
  }

  function redraw() {
    find("photo").hidden = !reading;
    find("answer-of").textContent = reading?.digits.length ? subject() : "";
    if (!reading) return;
    find("photo-title").textContent = translate(isDrawn ? "several" : "photo");
    find("photo-close").hidden = isDrawn;
    const [height, width] = reading.size;
    find("photo-view").style.aspectRatio = `${width} / ${height}`;
    find("photo-view").style.setProperty("--shape", width / height);
    find("photo-boxes").replaceChildren(
      ...reading.tables.flatMap(({ cells }) => cells.flat()).map((cell) => placed(element("span", { kind: "cell" }), cell.box)),
      ...reading.lines.flatMap(({ signs }) => signs).map((sign) => placed(element("span", { kind: "sign", text: sign.sign }), sign.box)),
      ...reading.digits.map((digit, k) => {
        const words = translate("digitOf", { number: k + 1, value: digit.value, confidence: percent(digit.confidence) });
        const box = element("button", { type: "button", title: words, "aria-label": words, "aria-pressed": String(k === chosen) });
        box.classList.toggle("low", digit.confidence < reject);
        box.addEventListener("click", () => choose(k));
        return placed(box, digit.box);
      }));
    find("photo-text").replaceChildren(...rowsOf(reading).map((row) =>
      element("tr", {}, ...row.map((item) => cellOf(item, reject)))));
    const words = { sure: percent(reading.confidence) };
    find("photo-whole").textContent = translate(reading.digits.length ? "photoWhole" : "photoNothing", words);
    const chosenDigit = reading.digits[chosen];
    find("photo-digit").replaceChildren(...(chosenDigit ? [tile(chosenDigit.image, 28, 2, greyScale(0, 255)), element("span", { text: inWords(chosenDigit) })] : []));
  }

  /** What the answers beside the pad and below belong to. */
  function subject() {
    const { text, confidence } = reading, words = { number: chosen + 1, text, sure: percent(confidence) };
    return translate(isDrawn ? "numberDigit" : "photoDigit", words);
  }

  function inWords({ value, confidence, no_digit: none }) {
    const words = { number: chosen + 1, value, confidence: percent(confidence), none: percent(none) };
    const found = translate(confidence < reject ? "digitDoubted" : "digitRead", words);
    return reading.digits.length > 1 ? `${found} ${translate("digitOther")}` : found;
  }

  function placed(node, [top, left, bottom, right]) {
    const [height, width] = reading.size, share = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(node.style, {
      top: share(top, height), left: share(left, width),
      height: share(bottom - top, height), width: share(right - left, width),
    });
    return node;
  }

  return {
    /** Show the reading of this file, or of the number that is drawn, or with null close the section. */
    show(newReading, file, isNumber = false) {
      [reading, isDrawn, chosen] = [newReading, isNumber, 0];
      URL.revokeObjectURL(find("photo-image").src);
      find("photo-view").classList.remove("paper");
      if (file) find("photo-image").src = URL.createObjectURL(file);
      find("copied").textContent = "";
      redraw();
      if (reading) onDigit(reading.digits[0] ?? null);
    },
    /** Numbers and digits below this confidence are marked. */
    redraw(newReject) {
      reject = newReject;
      redraw();
    },
    isOpen: () => reading !== null,
    digits: () => reading?.digits.length ?? 0,
  };
}

/** The text's rows as lists of {text, confidence}: numbers, or a table's cells. */
function rowsOf({ text, lines, tables }) {
  const cells = tables.flatMap((table) => table.cells.flat()), inTables = cells.filter(({ text: t }) => t);
  const sure = (inTables.length === lines.length ? inTables : lines).map(({ confidence }) => confidence);
  if (!text) return [];
  return text.split("\n").map((row) => row.split(/[\t ]/).map((number) =>
    ({ text: number, confidence: number ? sure.shift() : null })));
}

function cellOf({ text, confidence }, reject) {
  if (!text) return element("td");
  const cell = element("td", { kind: confidence < reject ? "low" : "" }, element("b", { text }));
  cell.append(" ", element("small", { text: confidence == null ? "" : percent(confidence, 0) }));
  return cell;
}

const csv = (rows) => rows.map((row) => row.map(({ text }) => (/[",]/.test(text) ? `"${text}"` : text)).join(",")).join("\r\n");
