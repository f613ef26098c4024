// A gallery of test digits: ordinary ones, the network's mistakes, pairs it confuses, noisy ones.
// Its digits come as a script, because a page opened from the disk may load scripts but not fetch.

import { element, greyScale, tile } from "./canvas.js";
import { NEUTRAL, perturbed } from "./perturb.js";
import { grouped, percent, translate } from "./i18n.js";
import { fromBase64 } from "./weights.js";

const NOISES = [15, 30, 45, 60]; // per cent of full ink
const NOISY = [3, 8]; // which of the ordinary ones are shown with noise

/** The gallery; calls onDigit({label, image, noise}) with a digit that is chosen. */
export function makeGallery(find, onDigit) {
  let source = null, kinds = {}, chosen = null, near = null;
  window.lenetGallery = ({ source: name, count, errors, ...lists }) => {
    source = [`gallery_${name}`, { count: grouped(count), errors }];
    const digitOf = ({ image, ...more }) => ({ ...more, image: fromBase64(image), noise: 0 });
    for (const [kind, list] of Object.entries(lists)) kinds[kind] = list.map(digitOf);
    kinds.noisy = NOISY.flatMap((digit) => NOISES.map((noise) => ({ ...digitOf(lists.ordinary[digit]), noise })));
    redraw();
  };
  find("gallery-layers").addEventListener("click", () => find("screen").scrollIntoView());

  /** Load the digits once the section comes near. */
  function wait() {
    near = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      near.disconnect();
      const script = element("script", { src: "networks/gallery.js" });
      script.onerror = () => {
        source = ["galleryFailed", {}];
        redraw();
        addEventListener("online", wait, { once: true });
      };
      document.head.append(script);
    }, { rootMargin: "400px" });
    near.observe(find("gallery"));
  }

  function choose(digit) {
    chosen = digit;
    onDigit(digit);
    mark();
  }

  function mark() {
    for (const button of find("gallery-kinds").querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.digit === chosen));
  }

  function redraw() {
    if (!source) return;
    find("gallery-source").textContent = translate(...source);
    find("gallery-kinds").replaceChildren(...Object.entries(kinds).map(([kind, digits]) =>
      element("div", { role: "group", "aria-labelledby": `gallery-${kind}` },
        element("h3", { id: `gallery-${kind}`, text: translate(`gallery_${kind}`) }),
        element("div", { kind: "row" }, ...digits.map(tileOf)))));
    mark();
  }

  function tileOf(digit) {
    const { label, value, image, noise } = digit;
    const misread = value !== label, words = noise ? translate("galleryNoise", { label, noise: percent(noise / 100, 0) })
      : misread ? translate("galleryRead", { label, value }) : String(label);
    const picture = tile(noise ? perturbed(image, { ...NEUTRAL, noise }) : image, 28, 2, greyScale(0, 255));
    const short = noise ? percent(noise / 100, 0) : misread ? `${label} → ${value}` : String(label);
    const button = element("button", { type: "button", "aria-label": words }, picture, element("span", { text: short }));
    button.digit = digit;
    button.addEventListener("click", () => choose(digit));
    return button;
  }

  return {
    redraw,
    /** The image on the pad now, and what the shown network makes of it. */
    show(image, result) {
      if (!near) wait(); // not before the first answer: a slow link has the network first
      if (chosen && image !== chosen.image) chosen = null, mark();
      find("gallery-answer").hidden = !chosen || !result;
      if (!chosen || !result) return;
      const words = { label: chosen.label, value: result.value, confidence: percent(result.confidence) };
      find("gallery-words").textContent = translate("galleryAnswer", words);
    },
  };
}
