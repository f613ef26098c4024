// The first answer: the pad and one network, before the rest of the page has arrived.

import { addressed } from "./address.js";
import { centred } from "./centre.js";
import { forward } from "./network.js";
import { makeAnswer } from "./cards.js";
import { makePad } from "./drawing-pad.js";
import { translate } from "./i18n.js";
import { firstNetwork } from "./weights.js";

const find = (id) => document.getElementById(id);
export const first = firstNetwork();
export const answer = makeAnswer(find("answer"));
export const pad = makePad(find("pad"), () => drawn());

let drawn = () => {
  const result = pad.isEmpty() ? undefined : forward(first, centred(pad.ink()));
  answer(first, result, Number(find("reject").value) / 100, translate("blank"));
};

/** From now on this is called with every change of the drawing. */
export function onDrawing(handler) {
  drawn = handler;
}

const style = document.querySelector("link[rel=stylesheet]"); // what is drawn before it comes is black
if (style && !style.sheet) style.addEventListener("load", pad.redraw);
find("about-network").textContent = translate("rounded");
pad.draw(addressed().digit ?? "4");
