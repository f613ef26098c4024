// refuse_lines.mjs FOLDER-OF-LENET.JS WEIGHTS: prints what lenet.js says to wrong arguments.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , program, file] = process.argv;
const { Reader } = await import(pathToFileURL(`${program}/lenet.js`));
const sources = { program: readFileSync(`${program}/lenet.wasm`), weights: readFileSync(file) };
const renamed = Buffer.from(sources.weights.toString("latin1"), "latin1");
renamed.write("nothing", renamed.indexOf('"network":{"dtype"') + 1);
const unset = Buffer.from(sources.weights.toString("latin1").replace("SLIVER", "SILVER"), "latin1");

const problems = {};
const attempt = async (name, work) => {
  problems[name] = await Promise.resolve().then(work).then(() => "", String);
};
await attempt("no tensor", () => Reader.load({ ...sources, weights: renamed }));
await attempt("no setting", () => Reader.load({ ...sources, weights: unset }));
const reader = await Reader.load(sources);
const shaded = (shade, Numbers) => ({ pixels: new Numbers(12).fill(shade), width: 4, height: 3 });
await attempt("size", () => reader.readLine({ ...shaded(0, Uint8Array), width: 5 }));
await attempt("no size", () => reader.readLine({ pixels: new Uint8Array(0), width: 0, height: 0 }));
await attempt("shade", () => reader.readLine(shaded(1.5, Float32Array)));
await attempt("not a number", () => reader.readLine(shaded(NaN, Float32Array)));
await attempt("doubles", () => reader.readLine(shaded(0.5, Float64Array)));
await attempt("grey", () => reader.readLine(shaded(0.5, Float32Array)));
console.log(JSON.stringify(problems));
