// The page's words in the reader's language, and the numbers in them.

import { ENGLISH } from "./strings-en.js";
import { KOREAN } from "./strings-ko.js";

const LANGUAGES = { en: ENGLISH, ko: KOREAN };
let language = "en";

/** The words of this key, {name} filled in. */
export function translate(key, values = {}) {
  const words = LANGUAGES[language][key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Every word of the page in this language; kept for the next visit where the browser keeps it. */
export function setLanguage(wanted) {
  language = wanted in LANGUAGES ? wanted : "en";
  document.documentElement.lang = language;
  document.title = translate("title");
  for (const element of document.querySelectorAll("[data-i18n]"))
    element.textContent = translate(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]"))
    element.setAttribute("aria-label", translate(element.dataset.i18nLabel));
  store("language", language);
}

/** What was kept under this name, or null. */
export function stored(name) {
  try {
    return localStorage.getItem(`lenet-${name}`);
  } catch { // a browser may refuse to keep anything
    return null;
  }
}

export function store(name, value) {
  try {
    localStorage.setItem(`lenet-${name}`, value);
  } catch { // then the choice lasts as long as the page
    return;
  }
}

/** A number for people: its minus as wide as a plus, and no −0.00. */
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
