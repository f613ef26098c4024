// What index.html carries as JSON: whether a server stands behind the page, the networks' cards,
// the texts of both languages, and the strokes of ten digits.

export const about = JSON.parse(document.getElementById("about").textContent);
