// Translations, number formats and stored preferences.

import { about } from "./about.js";
import { addressed } from "./address.js";

let language = "en";

/** The text of this key, with {name} filled in. */
export function translate(key, values = {}) {
  const words = about.texts[language][key];
  if (words === undefined) throw new Error(`no text for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Show the page in this language; a link's language is not the reader's choice, and is not stored. */
export function setLanguage(code) {
  language = Object.hasOwn(about.texts, code) ? code : "en";
  document.documentElement.lang = language;
  document.title = translate("title");
  for (const button of document.querySelectorAll("nav [lang]"))
    button.setAttribute("aria-pressed", String(button.lang === language));
  document.getElementById("foot").textContent = translate(about.served ? "foot" : "footAway");
  for (const element of document.querySelectorAll("[data-i18n]"))
    element.textContent = translate(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]"))
    element.setAttribute("aria-label", translate(element.dataset.i18nLabel));
}

/** The stored value of this name, or null. */
function stored(name) {
  try {
    return localStorage.getItem(`lenet-${name}`);
  } catch { // a browser may refuse storage
    return null;
  }
}

function store(name, value) {
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

/** A count with commas. */
export const grouped = (count) => count.toLocaleString("en");

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}\u00a0%`;

/** Light on dark, or dark on light. */
export function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  document.getElementById("theme").setAttribute("aria-pressed", String(dark));
}

/** What the reader chooses is stored; then calls inLanguage(language) or redraw(). */
export function receiveChoices(inLanguage, redraw) {
  for (const button of document.querySelectorAll("nav [lang]"))
    button.addEventListener("click", () => { store("language", button.lang); inLanguage(button.lang); });
  document.getElementById("theme").addEventListener("click", () => {
    setTheme(!document.documentElement.classList.contains("dark"));
    store("theme", document.documentElement.classList.contains("dark") ? "dark" : "light");
    redraw();
  });
}

// At once, before the rest of the page has arrived.
setTheme((stored("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
setLanguage(addressed().lang ?? stored("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en"));
