// Live training: the server streams progress; the page draws errors and kernels.

import { colour, drawTile, maxAbs, signedScale, resized } from "./canvas.js";
import { percent, translate } from "./i18n.js";

/** The training section; calls onNetwork(document) with the network after every pass. */
export function makeTraining(find, served, onNetwork) {
  let stopping = null, points = [], marks = [], latest = null, begun = null;
  let status = null, passed = 0;
  find("start").addEventListener("click", start);
  find("restart").addEventListener("click", () => { passed = 0; start(); });
  find("stop").addEventListener("click", () => stopping?.abort());

  async function start() {
    stopping = new AbortController();
    if (!passed) points = [], marks = [], latest = null;
    points = points.filter(([seen]) => seen <= passed * begun?.digits); // a pass that was cut short is repeated
    busy(true);
    try {
      for await (const event of events(passed, stopping.signal)) handle(event);
    } catch (problem) {
      if (problem.name === "AbortError") setStatus(passed ? "learnStopped" : "learnStoppedEarly", { pass: passed + 1 });
      else setStatus("learnFailed", { message: problem.message });
    }
    busy(false);
  }

  function busy(now) {
    find("start").disabled = find("restart").disabled = now;
    find("restart").hidden = !passed;
    find("start").textContent = translate(passed ? "resume" : "start");
    find("stop").disabled = !now;
    if (now) find("training-pictures").hidden = false;
  }

  function setStatus(key, words = {}) {
    status = [key, words];
    find("training-status").textContent = translate(key, words);
  }

  function handle(event) {
    if (event.event === "begin") {
      begun = event;
      setStatus("learnData", { digits: event.digits.toLocaleString("en"), data: translate(`data_${event.data}`) });
    } else if (event.event === "step") {
      latest = event;
      points.push([(event.pass - 1) * begun.digits + event.learnt, event.error_rate]);
      redraw();
    } else if (event.event === "pass") {
      marks.push([event.pass * begun.digits, event.test_error_rate]);
      const count = event.test_digits.toLocaleString("en");
      setStatus("learnPassed", { pass: event.pass, error: percent(event.test_error_rate), count });
      passed = event.pass;
      onNetwork({ ...event.network, data: begun.data });
    } else if (event.event === "end") {
      passed = 0;
      setStatus("learnEnd", { seconds: event.seconds.toFixed(0) });
    } else throw new Error(event.message);
  }

  function redraw() {
    find("training-hint").textContent = translate(served ? "learnHint" : "learnAway");
    find("training-buttons").hidden = !served;
    find("start").textContent = translate(passed ? "resume" : "start");
    if (status) find("training-status").textContent = translate(...status);
    if (!latest) return;
    const { pass, learnt: done, error_rate: rate } = latest;
    const words = { pass, passes: begun.passes, learnt: done.toLocaleString("en"), error: percent(rate) };
    find("training-progress").textContent = translate("learning", words);
    drawCurve(find("curve"), points, marks, begun.digits * begun.passes);
    drawC1(find("kernels-c1"), latest.c1);
    drawC3(find("kernels-c3"), latest.c3);
  }

  return { redraw };
}

/** The server's events, one by one, until it ends or the signal stops it. */
async function* events(after, signal) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("v1/train", { method: "POST", headers, body: JSON.stringify({ after }), signal });
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    for (const part of parts) yield JSON.parse(part.slice("data: ".length));
  }
}

/** Error in % on a logarithmic scale against the digits seen; passes as dots, on test digits. */
function drawCurve(canvas, points, marks, total) {
  const wide = Math.min(520, canvas.parentElement.clientWidth), high = 210, left = 44, bottom = 26;
  const pen = resized(canvas, wide, high), ends = [0.1, 100];
  const x = (seen) => left + (seen / total) * (wide - left - 8);
  const y = (rate) => {
    const share = Math.log(Math.max(100 * rate, ends[0]) / ends[0]) / Math.log(ends[1] / ends[0]);
    return high - bottom - share * (high - bottom - 10);
  };
  Object.assign(pen, { font: "12px system-ui, sans-serif", fillStyle: colour("faint"), textAlign: "right" });
  for (const tick of [0.1, 1, 10, 100]) {
    pen.fillText(`${tick} %`, left - 6, y(tick / 100) + 4);
    Object.assign(pen, { strokeStyle: colour("line"), lineWidth: 1 });
    trace(pen, [[left, y(tick / 100)], [wide - 8, y(tick / 100)]]);
  }
  pen.fillText(`${total.toLocaleString("en")} ${translate("curveAxis")}`, wide - 8, high - 6);
  Object.assign(pen, { strokeStyle: colour("faint"), lineWidth: 1.2 });
  trace(pen, points.map(([seen, rate]) => [x(seen), y(rate)]));
  pen.fillStyle = colour("accent");
  for (const [seen, rate] of marks) {
    pen.beginPath();
    pen.arc(x(seen), y(rate), 3.5, 0, 7);
    pen.fill();
  }
}

function trace(pen, line) {
  pen.beginPath();
  line.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

/** C1's six kernels, two rows of three. */
function drawC1(canvas, kernels) {
  const pen = resized(canvas, 3 * 86, 2 * 86), scale = signedScale(maxAbs(kernels.flat(3)));
  kernels.forEach(([kernel], map) =>
    drawTile(pen, kernel.flat(), 5, 1 + (map % 3) * 86, 1 + Math.floor(map / 3) * 86, 16, scale));
}

/** C3's kernels: a column a C3 map, a line an S2 map, nothing where the table has none. */
function drawC3(canvas, kernels) {
  const room = Math.min(900, canvas.parentElement.clientWidth), cell = Math.max(3, Math.floor((room / 16 - 4) / 5));
  const step = 5 * cell + 4, pen = resized(canvas, 16 * step, 6 * step), scale = signedScale(maxAbs(kernels.flat(3)));
  kernels.forEach((sources, map) => sources.forEach((kernel, source) => {
    const values = kernel.flat();
    if (values.some(Boolean)) drawTile(pen, values, 5, 1 + map * step, 1 + source * step, cell, scale);
  }));
}
