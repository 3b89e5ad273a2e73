/** Now: what flows, how late it is, and what just changed, in words. */
import { html, useEffect, useMemo, useRef, useState } from "../vendor/vendor.js";
import { FactRow, hrefOf, Sign } from "../parts/fact-row.js";
import { Figure, Figures } from "../parts/figures.js";
import { KINDS } from "../parts/kinds.js";
import { useWalk } from "../parts/list.js";
import { Panel } from "../parts/panel.js";
import { Rates } from "../parts/rates.js";
import { counted, plural, short, took } from "../parts/words.js";
import { now } from "../state/clock.js";
import { bySecond, facts, latencies, told } from "../state/feed.js";
import { useKeys } from "../state/keys.js";
import { lagS, meta } from "../state/meta.js";
import { filterBy, route } from "../state/route.js";
import { streaming } from "../state/stream.js";

const SHOWN = 120;
const MEAN_S = 10;
const LATENCY_MS = 60_000;

export default function Now() {
  return html`<h1 class="unseen">Now</h1><${Flow} />
    <${Panel} title="Changes a second" atMs=${now.value} curl=${`curl -N '${location.origin}/v1/stream'`} command="liveprofile watch changes"><${Rates} /><//>
    <${Feed} />`;
}

/** How much, and how late. */
function Flow() {
  const atMs = now.value;
  const second = Math.floor(atMs / 1000);
  let count = 0;
  for (const [at, kinds] of bySecond) if (at >= second - MEAN_S && at < second) count += Object.values(kinds).reduce((a, b) => a + b, 0);
  const lately = latencies.filter((one) => one.atMs > atMs - LATENCY_MS);
  const sorted = lately.map((one) => one.tookMs).sort((a, b) => a - b);
  const lastMs = lately.at(-1)?.atMs ?? 0;
  const { data, atMs: metaMs } = meta.value;
  const lag = lagS();
  const open = data ? Object.values(data.anomalies).reduce((a, b) => Number(a) + Number(b), 0) : null;
  return html`<${Figures} label="Flow">
    <${Figure} name="Changes" value=${short(count / MEAN_S, 2)} unit="a second" under=${`mean of ${MEAN_S} s`} atMs=${streaming.value.state === "live" ? atMs : streaming.value.sinceMs} staleMs=${5000} />
    <${Figure} name="Event to this page" value=${sorted.length ? took(at(sorted, 0.5)) : "–"} under=${sorted.length ? `p50; p99 ${took(at(sorted, 0.99))}` : "no live event in a minute"} atMs=${lastMs} staleMs=${LATENCY_MS} />
    <${Figure} name="Behind Kafka" value=${lag === null ? "–" : lag.toFixed(1)} unit="s" under="the oldest partition" atMs=${metaMs} staleMs=${8000} />
    <${Figure} name="Shoppers" value=${counted(data?.profiles)} atMs=${metaMs} staleMs=${8000} />
    <${Figure} name="Open anomalies" value=${html`<a href="#/queue">${counted(/** @type {any} */ (open))}</a>`} under="shoppers, by kind" atMs=${metaMs} staleMs=${8000} />
  <//>`;
}

/** @param {number[]} sorted @param {number} share */
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** The feed in words, with filters; while it is paused it counts what waits. */
function Feed() {
  const { kind = "", has = "", segment = "" } = route.value.query;
  const [held, setHeld] = useState(/** @type {{ facts: import("../state/feed.js").Fact[], told: number } | null} */ (null));
  const all = held ? held.facts : facts.value;
  const shown = useMemo(() => all.filter((one) => fits(one, kind, has, segment)).slice(0, SHOWN), [all, kind, has, segment]);
  const pause = () => setHeld((was) => (was ? null : { facts: facts.value, told: told.value }));
  const { list, at: walked } = useWalk(shown.map((one) => one.key), (key) => {
    const fact = shown.find((one) => one.key === key);
    if (fact) location.hash = hrefOf(fact);
  });
  const paused = useRef(held);
  paused.current = held;
  useEffect(() => {
    if (walked !== null && !paused.current) pause(); // what is read must not run away
  }, [walked]);
  useKeys([{ key: "p", does: "pause the feed, or go on", run: pause }]);
  const waits = held ? told.value - held.told : 0;
  const last = facts.value[0];
  const tools = html`<button type="button" class="chip" aria-pressed=${held ? "true" : "false"} onClick=${pause}>${held ? `▶ ${plural(waits, "waits", "wait")}` : "❚❚ pause"}</button>`;
  const path = `/v1/stream${segment ? `?segment=${encodeURIComponent(segment)}` : ""}`;
  return html`<${Panel} title="What just changed" tools=${tools} atMs=${last ? Math.min(last.timeMs, now.value) : 0} curl=${`curl -N '${location.origin}${path}'`} command=${`liveprofile watch changes${segment ? ` --segment ${segment}` : ""}`}>
    <div class="filters">
      <div class="chips" role="group" aria-label="Kinds">${KINDS.map((one) => html`<button key=${one.name} type="button" class="chip" aria-pressed=${kind === one.name ? "true" : "false"} onClick=${() => filterBy({ kind: kind === one.name ? "" : one.name })}><${Sign} kind=${one.name} /> ${one.words}</button>`)}</div>
      <label>Has <input value=${has} size="16" placeholder="word, path or reason" onInput=${(/** @type {any} */ event) => filterBy({ has: event.target.value })} /></label>
      <label>Segment <input value=${segment} size="12" placeholder="vip" onInput=${(/** @type {any} */ event) => filterBy({ segment: event.target.value.trim() })} /></label>
    </div>
    ${shown.length
      ? html`<div class="rows feed" ref=${list}>${shown.map((fact) => html`<${FactRow} key=${fact.key} fact=${fact} at=${walked === fact.key} />`)}</div>`
      : html`<p class="empty">${kind || has || segment ? `None of the last ${counted(all.length)} changes fits the filters.` : emptyWords()}</p>`}
  <//>`;
}

function emptyWords() {
  if (streaming.value.state !== "live") return "The stream is being opened.";
  return "Nothing has changed yet. With no shop at hand: liveprofile traffic";
}

/** @param {import("../state/feed.js").Fact} fact @param {string} kind @param {string} has @param {string} segment */
function fits(fact, kind, has, segment) {
  if (kind && fact.kind !== kind) return false;
  if (segment && !fact.segments.split(" ").includes(segment)) return false;
  return !has || `${fact.path} ${fact.code} ${fact.message}`.toLowerCase().includes(has.toLowerCase());
}
