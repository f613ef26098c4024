// What ONNX Runtime's WebAssembly gives: node onnx_in_javascript.mjs PACKAGE MODEL IMAGES N
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [runtime, model, images, n] = process.argv.slice(2);
const ort = createRequire(import.meta.url)(runtime);
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(model), {
  executionProviders: ["wasm"],
});
const given = new ort.Tensor("uint8", new Uint8Array(readFileSync(images)), [Number(n), 28, 28]);
const { penalties, values } = await session.run({ images: given });
console.log(JSON.stringify({ penalties: [...penalties.data], values: [...values.data].map(Number) }));
