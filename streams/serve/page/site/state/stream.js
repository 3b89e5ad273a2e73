/**
 * The stream of changes and anomalies: one connection a browser, however many tabs.
 *
 * The tab that holds a lock reads, and tells the others over a channel; when it is closed, the next one goes on from
 * the last id. A browser opens six connections to a host at most: one a tab would leave none for the seventh.
 */
import { signal } from "../vendor/vendor.js";
import { ask } from "./api.js";
import { aLittleBefore } from "./offsets.js";

/**
 * @typedef {object} Frame
 * @property {string} event
 * @property {string} id
 * @property {any} data
 * @property {number} atMs when it came
 * @property {boolean} replayed whether it was missed, and is told later than it happened
 * @property {boolean} before whether it happened before the page was opened
 */
/** @typedef {"connecting" | "catching up" | "live" | "away"} State */

const LOCK = "liveprofile-stream";
const BEFORE = 12;
const AGAIN_MS = 2000;

/**
 * How the stream is; `sinceMs` is when that began.
 * @type {import("../vendor/vendor.js").Signal<{ state: State, sinceMs: number, leads: boolean }>}
 */
export const streaming = signal({ state: /** @type {State} */ ("connecting"), sinceMs: Date.now(), leads: false });

/** @type {Set<(frame: Frame) => void>} */
const listeners = new Set();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(LOCK) : null;
let lastId = "";
let leads = false;
let started = false;
let isLive = false;

/** Hear every frame from now on. @param {(frame: Frame) => void} listener @returns {() => void} what ends it */
export function onFrame(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begin, once; the first tab reads. */
export function startStream() {
  if (started) return;
  started = true;
  channel?.addEventListener("message", ({ data }) => heard(data));
  if (!navigator.locks) {
    void lead();
    return;
  }
  channel?.postMessage({ kind: "hello" });
  void navigator.locks.request(LOCK, () => lead());
}

/** @param {any} message */
function heard(message) {
  if (message.kind === "hello" && leads) channel?.postMessage({ kind: "state", state: streaming.value.state });
  if (message.kind === "state" && !leads) become(message.state);
  if (message.kind === "frame" && !leads) give(message.frame);
}

/** Read until the tab is closed. @returns {Promise<never>} */
async function lead() {
  leads = true;
  const isFirst = !lastId;
  connect();
  if (isFirst) void fill();
  return new Promise(() => {});
}

/** What happened a little before, so that a page does not open empty; by a stream of its own, so that the live one waits for nothing. */
async function fill() {
  let id;
  try {
    id = aLittleBefore((await ask("/v1/meta")).data.positions, BEFORE);
  } catch {
    return;
  }
  const source = new EventSource(`/v1/stream?last_event_id=${encodeURIComponent(id)}`);
  const take = (/** @type {MessageEvent} */ message) =>
    share({ event: message.type, id: "", data: parsed(message.data), atMs: Date.now(), replayed: true, before: true });
  for (const event of ["change", "anomaly"]) source.addEventListener(event, take);
  for (const end of ["live", "error"]) source.addEventListener(end, () => source.close());
}

function connect() {
  isLive = false;
  const source = new EventSource(`/v1/stream${lastId ? `?last_event_id=${encodeURIComponent(lastId)}` : ""}`);
  /** @param {MessageEvent} message */
  const take = (message) => {
    if (message.lastEventId) lastId = message.lastEventId;
    share({ event: message.type, id: lastId, data: parsed(message.data), atMs: Date.now(), replayed: !isLive, before: false });
  };
  for (const event of ["change", "anomaly", "reset"]) source.addEventListener(event, take);
  source.addEventListener("live", (message) => {
    take(message);
    isLive = true;
    tell("live");
  });
  source.addEventListener("open", () => tell("catching up"));
  source.addEventListener("error", () => {
    isLive = false;
    source.close(); // a browser gives up after an answer that is no stream, as of a service that catches up
    tell("away");
    setTimeout(connect, AGAIN_MS);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Give a frame to this tab and to the others. @param {Frame} frame */
function share(frame) {
  channel?.postMessage({ kind: "frame", frame });
  give(frame);
}

/** @param {Frame} frame */
function give(frame) {
  lastId = frame.id || lastId;
  for (const listener of listeners) listener(frame);
}

/** @param {State} state */
function tell(state) {
  channel?.postMessage({ kind: "state", state });
  become(state);
}

/** @param {State} state */
function become(state) {
  if (streaming.value.state !== state || streaming.value.leads !== leads) {
    streaming.value = { state, sinceMs: Date.now(), leads };
  }
}
