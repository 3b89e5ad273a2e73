/** Queue: open anomalies by severity, each with its reading in words; what an analyst judges. */
import { html, useEffect, useMemo, useState } from "../vendor/vendor.js";
import { Severity } from "../parts/bars.js";
import { Figure, Figures } from "../parts/figures.js";
import { useWalk } from "../parts/list.js";
import { Panel } from "../parts/panel.js";
import { age, counted, plural, shortId } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { now } from "../state/clock.js";
import { useKeys } from "../state/keys.js";
import { meta } from "../state/meta.js";
import { filterBy, go, hashOf, route } from "../state/route.js";
import { snooze, snoozed } from "../state/snoozed.js";
import { onFrame } from "../state/stream.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LIMIT = 200;

export default function Queue() {
  const { kind = "", severity = "", state = "open", has = "", snoozed: also = "" } = route.value.query;
  const asking = new URLSearchParams({ state, limit: String(LIMIT) });
  if (kind) asking.set("kind", kind);
  if (severity) asking.set("severity", severity);
  const path = `/v1/anomalies?${asking}`;
  const asked = useAnswer(path, 10_000);
  const [came, setCame] = useState(0);
  useEffect(() => onFrame((frame) => frame.event === "anomaly" && !frame.replayed && setCame((count) => count + 1)), []);
  useEffect(() => setCame(0), [asked.data]);
  const all = asked.data?.anomalies ?? [];
  const rows = useMemo(() => all.filter((/** @type {any} */ one) => fits(one, has, also)), [all, has, also, snoozed.value]);
  const { list, at } = useWalk(rows.map((/** @type {any} */ one) => one.anomaly_id), (id) => void go("case", id));
  useKeys([{ key: "z", does: "snooze the anomaly for an hour", run: () => at !== null && snooze(at, HOUR_MS) }], [at]);
  const kinds = Object.keys(meta.value.data?.anomalies ?? {});
  const command = `liveprofile watch anomalies --from start --no-follow${kind ? ` --kind ${kind}` : ""}${severity ? ` --min-severity ${severity}` : ""}`;
  return html`<h1 class="unseen">Queue</h1><${Budget} all=${all} asked=${asked} />
    <${Panel} title=${asked.data ? `${counted(asked.data.total)} ${state === "open" ? "open" : state} anomalies` : "Anomalies"} asked=${asked} staleMs=${25_000} path=${path} command=${command}
      filters=${html`
        <label>State <select value=${state} onChange=${set("state")}>${["open", "raised", "updated", "cleared"].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
        <label>Kind <select value=${kind} onChange=${set("kind")}><option value="">any</option>${kinds.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
        <label>Severity from <input type="number" min="0" max="100" step="10" value=${severity} onChange=${set("severity")} /></label>
        <label>Has <input value=${has} placeholder="a word" size="12" onInput=${set("has")} /></label>
        <label><input type="checkbox" checked=${also === "1"} onChange=${(/** @type {any} */ event) => filterBy({ snoozed: event.target.checked ? "1" : "" })} /> snoozed ones, too</label>
        <button type="button" class="quiet" disabled=${!rows.length} onClick=${() => save(rows)}>Save as NDJSON</button>`}
      tools=${html`${came ? html`<button type="button" class="chip" onClick=${asked.reload}>${plural(came, "new step")}: show</button>` : null}`}
      isEmpty=${!rows.length} empty=${all.length ? "None of these fits the filters, or all are snoozed." : "No anomaly is open. The queue fills by itself."}>
      <div class="rows queue" ref=${list}>${rows.map((/** @type {any} */ one) => html`<${Row} key=${one.anomaly_id} one=${one} at=${at === one.anomaly_id} />`)}</div>
      ${asked.data?.after ? html`<p class="dim small">The ${counted(all.length)} most severe are shown. Filter for the others, or read all by curl.</p>` : null}
    <//>`;
}

/** @param {string} name */
function set(name) {
  return (/** @type {any} */ event) => filterBy({ [name]: event.target.value });
}

/** @param {any} one @param {string} has @param {string} also */
function fits(one, has, also) {
  if (!also && (snoozed.value[one.anomaly_id] ?? 0) > Date.now()) return false;
  return !has || `${one.kind} ${one.reading} ${one.rule ?? ""} ${one.profile_id}`.toLowerCase().includes(has.toLowerCase());
}

/** @param {{ one: any, at: boolean }} props */
function Row({ one, at }) {
  const since = now.value - Date.parse(one.first_seen);
  return html`<a class="row" href=${hashOf("case", one.anomaly_id)} aria-current=${at ? "true" : null}>
    <${Severity} value=${one.severity} />
    <span class="what">${one.kind}${one.state === "updated" ? html`<span class="dim"> ×${one.step}</span>` : null}</span>
    <span class="why">${one.reading}</span>
    <span class="id">${shortId(one.profile_id)}</span>
    <span class="dim small nowrap num" title=${`first seen ${one.first_seen}`}>${age(since)} old</span>
  </a>`;
}

/** The alert budget: how many were raised in a day against how many were allowed. @param {{ all: any[], asked: any }} props */
function Budget({ all, asked }) {
  const budget = useAnswer("/v1/anomalies/budget", 30_000);
  const day = all.filter((one) => Date.parse(one.first_seen) > now.value - DAY_MS);
  const oldest = all.reduce((least, one) => Math.min(least, Date.parse(one.first_seen)), Infinity);
  const severe = all.filter((one) => one.severity >= 80).length;
  const more = asked.data?.after ? "+" : "";
  return html`<${Figures} label="The queue">
    <${Figure} name="In the queue" value=${counted(asked.data?.total)} atMs=${asked.atMs} staleMs=${25_000} />
    <${Figure} name="Severity 80 and more" value=${asked.data ? `${counted(severe)}${more}` : "–"} atMs=${asked.atMs} staleMs=${25_000} />
    <${Figure} name="Raised in 24 h" value=${budget.data ? counted(budget.data.raised) : asked.data ? `${counted(day.length)}${more}` : "–"} under=${budget.data ? `of ${counted(budget.data.allowed)} in the alert budget` : "of those listed"} atMs=${budget.atMs || asked.atMs} staleMs=${60_000} />
    <${Figure} name="The oldest waits" value=${Number.isFinite(oldest) ? age(now.value - oldest) : "–"} under=${`${counted(Object.keys(snoozed.value).length)} snoozed here`} />
  <//>`;
}

/** A file of the rows, a line each. @param {any[]} rows */
function save(rows) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([rows.map((one) => `${JSON.stringify(one)}\n`).join("")], { type: "application/x-ndjson" }));
  link.download = "anomalies.ndjson";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
