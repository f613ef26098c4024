// read_lines.mjs FOLDER-OF-LENET.JS FOLDER: reads the lines of FOLDER/lines.json, whose pixels lie
// one after another in FOLDER/pixels, and prints what they read as.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , program, folder] = process.argv;
const { Reader } = await import(pathToFileURL(`${program}/lenet.js`));
const reader = await Reader.load({
  program: readFileSync(`${program}/lenet.wasm`),
  weights: readFileSync(`${folder}/reader.safetensors`),
});
const pixels = readFileSync(`${folder}/pixels`);
let start = 0;
const found = JSON.parse(readFileSync(`${folder}/lines.json`)).map(([height, width]) => {
  const end = start + height * width;
  const line = { pixels: pixels.subarray(start, end), width, height };
  start = end;
  const began = performance.now();
  const text = reader.readLine(line);
  return [text, performance.now() - began];
});
const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
console.log(JSON.stringify(found, plain));
