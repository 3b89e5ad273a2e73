/** What the stream told lately: the last facts, how many a second of each kind, and how long they took. */
import { signal } from "../vendor/vendor.js";
import { kindOf } from "../parts/kinds.js";
import { onFrame } from "./stream.js";

/**
 * @typedef {object} Fact one change of a profile, or one step of an anomaly
 * @property {string} key
 * @property {"change" | "anomaly"} event
 * @property {string} profileId
 * @property {number | null} version
 * @property {string} path of a change; of an anomaly its kind
 * @property {string} code reason of a change; of an anomaly its state
 * @property {string} kind
 * @property {string} message
 * @property {number} timeMs of the latest event that it is about
 * @property {string} segments that were entered or left
 * @property {string} anomalyId
 */

export const MOST_FACTS = 400;
export const SECONDS = 120;
const LATENCIES = 500;

/** The last facts, the newest first. @type {import("../vendor/vendor.js").Signal<Fact[]>} */
export const facts = signal([]);
/** Facts that the stream has told since the page was opened. */
export const told = signal(0);
/** Facts by second and kind, for the last seconds. @type {Map<number, Record<string, number>>} */
export const bySecond = new Map();
/** Milliseconds from an event to this page, the latest last. @type {{ atMs: number, tookMs: number }[]} */
export const latencies = [];

/** @type {Fact[]} */
let waiting = [];
/** Facts from before the page was opened. @type {Fact[]} */
let earlier = [];
/** @type {Set<string>} */
const known = new Set();
const MOST_KNOWN = 2000;
let number = 0;

/** Hear the stream, once. */
export function startFeed() {
  onFrame((frame) => {
    if (frame.event !== "change" && frame.event !== "anomaly") return;
    if (isKnown(frame.data)) return;
    const found = frame.event === "change" ? changesOf(frame.data, frame.atMs) : [anomalyOf(frame.data, frame.atMs)];
    if (!frame.replayed) count(found, frame.data, frame.atMs);
    if (!waiting.length && !earlier.length) setTimeout(show, 50); // one drawing for all that comes together
    (frame.before ? earlier : waiting).push(...found);
  });
}

function show() {
  const came = waiting.reverse();
  const old = earlier.reverse();
  waiting = [];
  earlier = [];
  told.value += came.length;
  facts.value = [...came, ...facts.value, ...old].slice(0, MOST_FACTS);
}

/** Whether a record was told before: by the stream of what happened earlier, or from before a crash. @param {any} record */
function isKnown(record) {
  const key = record.anomaly_id ? `${record.anomaly_id}/${record.step}` : `${record.profile_id}/${record.version}`;
  if (known.has(key)) return true;
  known.add(key);
  if (known.size > 2 * MOST_KNOWN) for (const one of [...known].slice(0, MOST_KNOWN)) known.delete(one);
  return false;
}

/** @param {Fact[]} found @param {any} record @param {number} atMs */
function count(found, record, atMs) {
  const second = Math.floor(atMs / 1000);
  const counts = bySecond.get(second) ?? {};
  for (const one of found) counts[one.kind] = (counts[one.kind] ?? 0) + 1;
  bySecond.set(second, counts);
  for (const old of bySecond.keys()) if (old < second - SECONDS) bySecond.delete(old);
  const eventMs = record.origin === "live" ? latest(record.evidence) : 0; // time alone has no event to count from
  if (eventMs) latencies.push({ atMs, tookMs: Math.max(0, atMs - eventMs) });
  if (latencies.length > LATENCIES) latencies.splice(0, latencies.length - LATENCIES);
}

/** @param {any} record @param {number} atMs @returns {Fact[]} */
function changesOf(record, atMs) {
  const timeMs = latest(record.evidence) || atMs;
  return (record.changes ?? []).map((/** @type {any} */ change) => ({
    key: `f${(number += 1)}`,
    event: "change",
    profileId: String(record.profile_id),
    version: record.version,
    path: String(change.path),
    code: String(change.reason?.code ?? ""),
    kind: kindOf(String(change.path)),
    message: change.message || `${change.path} changed.`,
    timeMs,
    segments: change.path === "segments" ? [change.before, change.after].flat().filter(Boolean).join(" ") : "",
    anomalyId: "",
  }));
}

/** @param {any} record @param {number} atMs @returns {Fact} */
function anomalyOf(record, atMs) {
  return {
    key: `f${(number += 1)}`,
    event: "anomaly",
    profileId: String(record.profile_id),
    version: null,
    path: String(record.kind),
    code: String(record.state),
    kind: "anomaly",
    message: record.message || `Anomaly ${record.kind} was ${record.state}.`,
    timeMs: latest(record.evidence) || atMs,
    segments: "",
    anomalyId: String(record.anomaly_id),
  };
}

/** @param {any} evidence */
function latest(evidence) {
  return Math.max(0, ...(evidence ?? []).map((/** @type {any} */ one) => Date.parse(one.ts) || 0));
}
