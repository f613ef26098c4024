// Translations, number formats and stored preferences.

import { about } from "./about.js";

let language = "en";

/** The text of this key, with {name} filled in. */
export function translate(key, values = {}) {
  const words = about.texts[language][key];
  if (words === undefined) throw new Error(`no text for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Show the page in this language; stored for the next visit where the browser allows. */
export function setLanguage(code) {
  language = Object.hasOwn(about.texts, code) ? code : "en";
  document.documentElement.lang = language;
  document.title = translate("title");
  for (const element of document.querySelectorAll("[data-i18n]"))
    element.textContent = translate(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]"))
    element.setAttribute("aria-label", translate(element.dataset.i18nLabel));
  store("language", language);
}

/** The stored value of this name, or null. */
export function stored(name) {
  try {
    return localStorage.getItem(`lenet-${name}`);
  } catch { // a browser may refuse storage
    return null;
  }
}

export function store(name, value) {
  try {
    localStorage.setItem(`lenet-${name}`, value);
  } catch { // then the choice lasts until the page closes
    return;
  }
}

/** A number for people: its minus as wide as a plus, and no −0.00. */
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
