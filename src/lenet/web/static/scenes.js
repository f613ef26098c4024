// The lesson: twelve scenes, each with a panel above the strip; the arrow keys turn over, Escape closes.
// A scene is {id, sliders, needs, units, slow, open(panel, page)}; open builds it and returns draw().
//   sliders: how the drawing is perturbed at first;  needs: networks to load beside 1998's
//   units: whether it is drawn again when another unit is chosen;  slow: only once the pen rests

import { about } from "./about.js";
import { connect, firstLayer } from "./scene-connect.js";
import { field } from "./scene-field.js";
import { shared } from "./scene-shared.js";
import { subsampling } from "./scene-subsampling.js";
import { pyramid } from "./scene-pyramid.js";
import { MEASURED, table } from "./scene-table.js";
import { codes } from "./scene-codes.js";
import { noise } from "./scene-noise.js";
import { seven } from "./scene-seven.js";
import { learning } from "./scene-learning.js";
import { several } from "./scene-several.js";
import { since } from "./scene-since.js";
import { element } from "./canvas.js";
import { dependence } from "./receptive-field.js";
import { inWords, makePanel } from "./scene-parts.js";
import { percent, translate } from "./i18n.js";

const SCENES = [connect, field, shared, subsampling, pyramid, table, codes, noise, seven, learning, several, since];
const OWN_KEYS = "input, select, [role=application], .own-keys"; // where the arrow keys mean something else

/**
 * The scenes in #scene. `page` is {image, seen, networks, results, unit, perturbation}, `acts` what they may do to it:
 * {pad, sliders, has(name), choose(name), point(unit), perturb(values, grain), changed()}.
 */
export function makeScenes(find, page, acts) {
  let scene = null, panel = null, draw = null, own = null, waiting = 0;

  /** Show this scene, or none; the drawing stays, the sliders are the person's again at the end. */
  async function open(id) {
    panel?.close();
    [scene, draw] = [SCENES.find((one) => one.id === id) ?? null, null];
    document.body.classList.toggle("lesson", scene !== null);
    find("scene").hidden = !scene;
    acts.changed();
    own ??= acts.sliders.values();
    acts.perturb(scene ? scene.sliders ?? {} : own);
    if (!scene) own = null;
    else await show(scene);
  }

  async function show(opened) {
    const at = SCENES.indexOf(opened);
    find("scene").ariaBusy = "true";
    find("scene-list").replaceChildren(...SCENES.map(({ id }, k) =>
      element("option", { value: id, text: `${k + 1}. ${translate(`scene_${id}`)}` })));
    find("scene-list").value = opened.id;
    find("scene-title").firstElementChild.textContent = find("scene-list").selectedOptions[0].text; // which may wrap
    [find("scene-back").disabled, find("scene-next").disabled] = [at === 0, at === SCENES.length - 1];
    if (!(await ready(opened.needs ?? [])) || scene !== opened) return;
    const lenet = page.networks.get("1998"), words = facts(about.networks, lenet, page.results.get("1998"));
    find("scene-text").textContent = translate(`say_${opened.id}`, words);
    panel?.close();
    panel = makePanel(find("scene-controls"), find("scene-figures"), () => draw?.());
    draw = opened.open(panel, page, acts);
    draw();
    find("scene").ariaBusy = "false";
    find("scene").scrollIntoView({ block: "nearest" });
  }

  /** Whether these networks are there; 1998's layers are shown, and there is a digit to look at. */
  async function ready(names) {
    const there = await Promise.all(names.map(acts.has));
    await acts.choose("1998");
    if (!page.image) acts.pad.write(4);
    await new Promise(requestAnimationFrame); // until they have run
    return there.every(Boolean) && page.results.has("1998");
  }

  const turn = (by) => scene && open(SCENES[SCENES.indexOf(scene) + by]?.id ?? scene.id);

  find("scene-list").addEventListener("change", ({ target }) => open(target.value));
  find("scene-back").addEventListener("click", () => turn(-1));
  find("scene-next").addEventListener("click", () => turn(1));
  find("scene-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (!scene || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") close();
    else if (["ArrowLeft", "ArrowRight"].includes(event.key) && !event.target.closest?.(OWN_KEYS)) {
      event.preventDefault();
      turn(event.key === "ArrowLeft" ? -1 : 1);
    }
  });

  function close() {
    open(null);
    find("scenes-open").focus();
  }

  return {
    open,
    id: () => scene?.id ?? null,
    /** After a change of the drawing or the theme; `unit` where only another unit was chosen. */
    draw(unit = false) {
      if (unit && !scene?.units) return;
      clearTimeout(waiting);
      if (scene?.slow) waiting = setTimeout(() => draw?.(), 60);
      else draw?.();
    },
    /** After a change of the language. */
    redraw: () => scene && show(scene),
  };
}

/** The numbers in the texts, from the networks and what was measured. */
function facts(networks, lenet, result) {
  const [dense, own] = ["28x28-75-10", "1998"].map((name) => networks.find((one) => one.name === name));
  const [, rows, columns] = lenet.layers[0].shape, middle = { map: 0, row: 2, column: 2 };
  const sideOf = (layer) => {
    const { top, bottom } = dependence(lenet, result.stages, { layer, ...middle }).input.box;
    return bottom - top;
  };
  return {
    ...inWords({ ...firstLayer(lenet, result), mapUnits: rows * columns, dense: dense.parameters, lenet: own.parameters }),
    fields: ["S2", "C3", "S4"].map(sideOf).join(", "),
    denseError: percent(dense.test_error_rate, 2),
    lenetError: percent(own.test_error_rate, 2),
    sampled: percent(MEASURED.table[0] / 100, 2),
    unsampled: percent(MEASURED.unsampled[0] / 100, 2),
  };
}
