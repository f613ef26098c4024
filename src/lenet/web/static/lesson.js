// The scenes, their texts and their style come when the first scene is asked for.

import { about } from "./about.js";
import { element } from "./canvas.js";

const FIRST = "connect";

/** The lesson; `page` and `acts` as in scenes.js, and acts.fail(key) where the scenes do not come. */
export function makeLesson(find, page, acts) {
  let scenes = null, coming = null, asked = null;

  /** Show this scene, or none. */
  async function open(id) {
    asked = id;
    if (!id && !scenes) return;
    coming ??= load();
    try {
      const { makeScenes } = await coming;
      scenes ??= makeScenes(find, page, acts);
    } catch {
      coming = null;
      return acts.fail("scenesFailed");
    }
    if (asked === id) await scenes.open(id);
  }

  find("scenes-open").addEventListener("click", () => open(FIRST));

  return {
    open,
    id: () => (scenes ? scenes.id() : asked),
    draw: (unit) => scenes?.draw(unit),
    redraw: () => scenes?.redraw(),
  };
}

/** scenes.js. The exported page gets it as text, because a page opened from the disk may not load modules. */
async function load() {
  let parts = null;
  window.lenetScenes = (found) => { parts = found; };
  await Promise.all([
    arrived(element("script", { src: "networks/scenes.js" })),
    arrived(element("link", { rel: "stylesheet", href: "scenes.css" })),
  ]);
  for (const [language, texts] of Object.entries(parts.texts)) Object.assign(about.texts[language], texts);
  if (!parts.modules) return import("./scenes.js");
  const addresses = {};
  for (const [name, text] of parts.modules) { // each comes after those that it imports
    const linked = text.replace(/from "page\/([\w.-]+)"/g, (from, other) => (addresses[other] ? `from "${addresses[other]}"` : from));
    addresses[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
  }
  return import(addresses["scenes.js"]);
}

const arrived = (part) => new Promise((resolve, reject) => {
  Object.assign(part, { onload: resolve, onerror: reject });
  document.head.append(part);
});
