// What the address carries, so that it can be shared: #scene=shared&digit=4&lang=ko.

/** {scene, digit, lang}, each null where the address is silent; a page that frames this one asks by ?lang=. */
export function addressed() {
  const [frame, own] = [location.search, location.hash.slice(1)].map((text) => new URLSearchParams(text));
  return { scene: own.get("scene"), digit: own.get("digit"), lang: own.get("lang") ?? frame.get("lang") };
}

let later = 0;

/** Write these parts once they rest for so many milliseconds, or at once; parts that are null are left out. */
export function keepAddress(parts, rest = 200) {
  const write = () => {
    const own = new URLSearchParams(Object.entries(parts()).filter(([, text]) => text !== null));
    history.replaceState(null, "", `#${own}`);
  };
  clearTimeout(later);
  if (rest) later = setTimeout(write, rest);
  else write();
}
