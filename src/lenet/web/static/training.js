// Live training: the server trains and streams its progress; here it is begun, paused, stepped by a
// digit and resumed, alone or beside networks that lack one idea.

import { drawC1, drawC3, drawCurve, drawUpdate, legend } from "./learning-curve.js";
import { element } from "./canvas.js";
import { grouped, percent, translate } from "./i18n.js";
import { Refusal } from "./image-file.js";

const BESIDE = ["average", "max", "full", "no-subsampling", "28x28-75-10"];
const SMOOTH = 1 / 6; // of the digits seen: what the training error is averaged over
const TRIES = 20, BETWEEN = 150; // while the server has not noticed a pause; milliseconds
const ERRORS = { busy: "learnBusy", invalid_input: "learnLost", no_token: "learnToken" };

/** The training section; calls onNetwork(document) with the published network after every pass. */
export function makeTraining(find, served, onNetwork) {
  let running = null, begun = null, status = null, latest = null, update = null, asked = false;
  let curves = new Map(); // by network: {train, test}, lists of [digits seen, error rate]
  const boxes = BESIDE.map((name) => {
    const box = element("input", { type: "checkbox", value: name }), words = element("span");
    find("beside").append(element("label", { kind: "check" }, box, words));
    return { name, box, words };
  });
  find("start").addEventListener("click", () => (running ? running.abort() : run()));
  find("one-digit").addEventListener("click", () => run({ digits: 1 }));
  find("restart").addEventListener("click", reset);
  find("rate").addEventListener("change", () => running?.abort("again"));

  function wish() {
    const networks = ["1998", ...boxes.filter(({ box }) => box.checked).map(({ name }) => name)];
    return { ...(begun ? { resume: begun.training } : { networks }), rate: Number(find("rate").value) };
  }

  async function run(limits = {}) {
    if (!running) status = null; // how the last run ended
    const own = (running = new AbortController());
    redraw();
    try {
      for await (const event of events({ ...wish(), ...limits }, own.signal)) if (running === own) handle(event);
      if (running === own && begun && !begun.done) setStatus("learnPaused");
    } catch (problem) {
      if (running !== own) return; // it was reset meanwhile
      if (own.signal.aborted) {
        if (own.signal.reason === "again") return run(limits);
        if (begun) setStatus("learnPaused");
      } else setStatus(...(problem instanceof Refusal ? [problem.message] : ["learnFailed", { message: problem.message }]));
    }
    running = null;
    redraw();
  }

  function reset() {
    const last = running;
    [running, begun, status, latest, update] = [null, null, null, null, null];
    curves = new Map();
    last?.abort();
    redraw();
  }

  function setStatus(key, words = {}) {
    status = [key, words];
    find("training-status").textContent = translate(key, words);
  }

  function handle(event) {
    if (event.event === "error") throw new Error(event.message);
    if (event.event === "begin") {
      begun = event;
      for (const { name } of event.networks) if (!curves.has(name)) curves.set(name, { train: [], test: [] });
    } else if (event.event === "end") {
      setStatus("learnEnd", { seconds: event.seconds.toFixed(0) });
      begun = { ...begun, done: true };
    } else if (event.event === "step") learnt(event);
    else passed(event);
    if (!asked) requestAnimationFrame(redraw);
    asked = true;
  }

  function learnt(event) {
    const { train } = curves.get(event.name), seen = (event.pass - 1) * begun.digits + event.learnt;
    const [last, mean] = train.at(-1) ?? [0, event.error_rate];
    const over = Math.max(100, Math.min(SMOOTH * seen, begun.digits));
    train.push([seen, mean + (1 - Math.exp((last - seen) / over)) * (event.error_rate - mean)]);
    Object.assign(begun, { pass: event.pass, learnt: event.learnt });
    if (event.name !== "1998") return;
    update = event.digit && { ...event.digit, from: latest?.c1, to: event.c1 };
    latest = event;
  }

  function passed(event) {
    curves.get(event.name).test.push([event.pass * begun.digits, event.test_error_rate]);
    if (!event.network) return;
    const count = grouped(event.test_digits);
    setStatus("learnPassed", { pass: event.pass, error: percent(event.test_error_rate), count });
    onNetwork({ ...event.network, data: begun.data });
  }

  function redraw() {
    asked = false;
    find("training-hint").textContent = translate(served ? "learnHint" : "learnAway");
    find("training-tools").hidden = !served;
    find("beside").disabled = begun !== null || running !== null;
    find("start").textContent = translate(running ? "pause" : begun ? "resume" : "start");
    find("start").disabled = Boolean(begun?.done);
    find("one-digit").disabled = running !== null || Boolean(begun?.done);
    find("restart").disabled = !begun && !running && !status;
    for (const { name, words } of boxes) words.textContent = translate(`net_${name}`);
    find("training-status").textContent = status ? translate(...status) : "";
    find("training-pictures").hidden = !latest;
    find("training-data").textContent = begun ? translate(`learnData_${begun.data}`, counts()) : "";
    if (!latest) return;
    drawCurve(find("curve"), curves, begun.digits * begun.passes);
    legend(find("curve-legend"), begun.networks, curves);
    drawUpdate(find("update"), update);
    drawC1(find("kernels-c1"), latest.c1, find("training-pictures").clientWidth < 640 ? 3 : 6);
    drawC3(find("kernels-c3"), latest.c3);
  }

  function counts() {
    const { digits, test_digits: test, passes, pass, learnt: done } = begun;
    return { train: grouped(digits), test: grouped(test), passes, pass, learnt: grouped(done) };
  }

  return { redraw };
}

/** The server's events, one by one, until it ends or the signal stops it; throws a Refusal. */
async function* events(wish, signal) {
  const answer = await asked(wish, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    for (const part of parts) yield JSON.parse(part.slice("data: ".length));
  }
}

/** The answer to a wish to train; it is repeated while the server notices that the last has ended. */
async function asked(wish, signal) {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wish), signal };
  for (let left = TRIES; ; left--) {
    const answer = await fetch("v1/train", request).catch((problem) => {
      throw signal.aborted ? problem : new Refusal("serverAway");
    });
    if (answer.ok) return answer;
    const { error } = await answer.json().catch(() => ({ error: { message: answer.statusText } }));
    if (error.code !== "busy" || !left) throw error.code in ERRORS ? new Refusal(ERRORS[error.code]) : new Error(error.message);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    signal.throwIfAborted();
  }
}
