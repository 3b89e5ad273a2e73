/** The values of a profile: as they are now, and as they were published at a version. Each has its why. */
import { html } from "../vendor/vendor.js";
import { hashOf } from "../state/route.js";
import { Bars, Severity } from "./bars.js";
import { Histogram } from "./histogram.js";
import { Empty, Panel } from "./panel.js";
import { Recommended, Similar } from "./shopper-panels.js";
import { Why } from "./why.js";
import { atTime, percent, short, topicName, valueWords } from "./words.js";

const SCALES = [["session", "this session"], ["short", "short-term"], ["long", "long-term"]];
const CHANCES = [["purchase.session", "to buy in this session"], ["purchase.week", "to buy within a week"], ["churn", "to leave"]];
const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/** @param {{ id: string, profile: any, atMs: number }} props */
export function Present({ id, profile, atMs }) {
  const panel = (/** @type {string} */ title, /** @type {string} */ field, /** @type {unknown} */ body) => html`
    <${Panel} title=${title} atMs=${atMs} staleMs=${30_000} path=${`/v1/profiles/${id}?fields=${field}`} command=${`liveprofile show ${id}`}>${body}<//>`;
  return html`<div class="grid">
    <div class="stack">
      ${panel("Interests", "interests,said,slots", html`<${Interests} id=${id} profile=${profile} />`)}
      <${Similar} id=${id} />
    </div>
    <div class="stack">
      ${panel("Lifecycle and segments", "lifecycle,segments", html`<${Segments} id=${id} profile=${profile} />`)}
      ${panel("Chances", "predictions", html`<${Chances} id=${id} profile=${profile} />`)}
      ${panel("Anomalies", "anomalies", html`<${Anomalies} id=${id} profile=${profile} />`)}
      ${panel("Habits", "traits,declared,quality", html`<${Habits} id=${id} profile=${profile} />`)}
    </div>
    <div class="stack">
      ${panel("Spend and price", "spend,traits", html`<${Spend} id=${id} profile=${profile} />`)}
      ${panel("Active hours", "hours,traits", html`<${Hours} id=${id} profile=${profile} />`)}
      <${Recommended} id=${id} />
    </div>
  </div>`;
}

/** A value with its name and its why. @param {{ id: string, name: string, path?: string, at?: string | null, children?: unknown }} props */
function Value({ id, name, path, at, children }) {
  return html`<div class="value"><dt>${name}</dt><dd>${children}${path ? html` <${Why} id=${id} path=${path} at=${at} />` : null}</dd></div>`;
}

/** @param {{ id: string, profile: any }} props */
function Interests({ id, profile }) {
  const { interests = {}, said = {}, slots = [], brands = [], intent } = profile;
  return html`${SCALES.map(([name = "", words]) => {
      const rows = (interests[name] ?? []).slice(0, 4).map((/** @type {any} */ one) => ({ key: one.topic, name: topicName(one.topic), value: one.share, tone: said[name]?.includes(one.topic) ? "" : "off" }));
      return html`<div key=${name}><h3 class="why-head">${words} <${Why} id=${id} path=${`interests.${name}`} /></h3>${rows.length ? html`<${Bars} rows=${rows} most=${1} share=${true} />` : html`<p class="dim small">nothing yet</p>`}</div>`;
    })}
    <p class="dim small">Full bars are published; hatched ones are not: below their threshold, or held back.</p>
    <dl class="values">
      <${Value} id=${id} name="Intent" path="interests.intent">${intent?.topic ? html`${topicName(intent.topic)} <span class="dim">${percent(intent.confidence)} sure</span>` : "none"}<//>
      <${Value} id=${id} name="Brands" path="brands">${brands.length ? brands.map((/** @type {any} */ one) => `${one.brand} ${percent(one.share)}`).join(", ") : "none"}<//>
      <${Value} id=${id} name="Slots" path="interests.slots">${slots.length ? slots.map((/** @type {any} */ one) => `${topicName(one.topic)} ${percent(one.share)}`).join(", ") : "none"}<//>
    </dl>`;
}

/** @param {{ id: string, profile: any }} props */
function Segments({ id, profile }) {
  const { lifecycle, segments = [], cluster } = profile;
  return html`<dl class="values">
    <${Value} id=${id} name="Lifecycle" path="lifecycle">${lifecycle ? html`<strong>${lifecycle.state}</strong> <span class="dim">since ${atTime(lifecycle.since)}</span>` : "none"}<//>
    <${Value} id=${id} name="Cluster" path="cluster">${cluster ? (cluster.name ?? cluster.id) : "none yet"}<//>
  </dl>
  ${segments.length
    ? html`<ul class="plain lines">${segments.map((/** @type {any} */ one) => html`<li key=${one.name}><a href=${hashOf("segments", one.name)}>${one.name}</a> <span class="dim small">since ${atTime(one.since)}</span> <${Why} id=${id} path=${`segments.${one.name}`} /></li>`)}</ul>`
    : html`<p class="dim">In no segment. <${Why} id=${id} path="segments" /></p>`}`;
}

/** @param {{ id: string, profile: any }} props */
function Chances({ id, profile }) {
  const told = CHANCES.filter(([task = ""]) => profile.predictions?.[task]);
  if (!told.length) return html`<${Empty}>No chances yet: they need a predictor that has learnt from finished sessions.<//>`;
  return html`${told.map(([task = "", words]) => {
    const { chance, band, confidence, because = [] } = profile.predictions[task];
    const rows = because.map((/** @type {any} */ one) => ({ key: one.input, name: html`<span class="small">${one.words}</span>`, value: one.effect }));
    return html`<div key=${task}><h3 class="why-head">${words}: <strong>${percent(chance)}</strong> ${band ?? ""} <span class="dim">${percent(confidence)} sure</span> <${Why} id=${id} path=${`predictions.${task}`} /></h3>${rows.length ? html`<${Bars} rows=${rows} />` : null}</div>`;
  })}`;
}

/** @param {{ id: string, profile: any }} props */
function Anomalies({ id, profile }) {
  const open = profile.anomalies ?? [];
  if (!open.length) return html`<p class="dim">None is open.</p>`;
  return html`<ul class="plain lines">${open.map((/** @type {any} */ one) => html`<li key=${one.kind}><${Severity} value=${one.severity} /> <strong>${one.kind}</strong> <span class="dim small">since ${atTime(one.since)}</span> <${Why} id=${id} path=${`anomalies.${one.kind}`} /></li>`)}</ul>`;
}

/** @param {{ id: string, profile: any }} props */
function Spend({ id, profile }) {
  const { spend = {}, traits = {} } = profile;
  const money = (/** @type {any} */ value) => (typeof value === "number" ? `${value.toFixed(2)} ${spend.currency ?? ""}` : "–");
  return html`<dl class="values">
    <${Value} id=${id} name="Band" path="spend.band"><strong>${spend.band ?? "none"}</strong><//>
    <${Value} id=${id} name="Recent">${money(spend.recent)}<//>
    <${Value} id=${id} name="In all">${money(spend.total)}${spend.refunded ? html` <span class="dim">${money(spend.refunded)} refunded</span>` : null}<//>
    <${Value} id=${id} name="Orders">${short(spend.orders)}${traits.average_order ? html` <span class="dim">${money(traits.average_order)} each</span>` : null}<//>
    <${Value} id=${id} name="Price level" path="price.band">${traits.price?.band ?? "not known"}<//>
    <${Value} id=${id} name="Discounts" path="discounts">${traits.discounts ? `${traits.discounts.band ?? "none"}, ${percent(traits.discounts.share)}` : "none"}<//>
  </dl>`;
}

/** @param {{ id: string, profile: any }} props */
function Hours({ id, profile }) {
  const { hours, traits = {} } = profile;
  return html`<${Histogram} values=${hours?.histogram ?? []} label="Events by the hour of the day" names=${(/** @type {number} */ at) => `${at}`} every=${6} />
    <${Histogram} values=${traits.days?.histogram ?? []} label="Events by the day of the week" names=${(/** @type {number} */ at) => DAYS[at] ?? ""} every=${1} />
    <dl class="values">
      <${Value} id=${id} name="Mostly" path="hours">${hours?.daypart ?? "no part of the day stands out"}<//>
      <${Value} id=${id} name="Days" path="days">${traits.days?.mostly ?? "no days stand out"}<//>
    </dl>`;
}

/** @param {{ id: string, profile: any }} props */
function Habits({ id, profile }) {
  const { traits = {}, declared = [], quality = {}, session } = profile;
  return html`<dl class="values">
    <${Value} id=${id} name="Sessions">${short(traits.sessions)}${session ? html` <span class="dim">the last with ${short(session.events)} events</span>` : null}<//>
    <${Value} id=${id} name="Reviews" path="sentiment">${traits.sentiment?.band ?? "none"}<//>
    <${Value} id=${id} name="Devices">${short(traits.devices)} <span class="dim">${short(traits.networks)} networks, ${valueWords(traits.countries)}</span><//>
    <${Value} id=${id} name="Came for">${traits.entry ? topicName(traits.entry) : "not known"}<//>
    <${Value} id=${id} name="Declared" path="declared">${declared.length ? declared.map((/** @type {any} */ one) => `${one.name}: ${valueWords(one.value)}`).join(", ") : "nothing"}<//>
  </dl>
  <h3>How well it is known</h3>
  <${Bars} most=${1} share=${true} rows=${Object.entries(quality).map(([name, value]) => ({ name, value: Number(value) || 0 }))} />`;
}

/** What was published up to a version; what was not comes last. @param {{ id: string, then: any }} props */
export function Past({ id, then }) {
  const known = (/** @type {[string, any]} */ [path, value]) => said(path, value) !== "none";
  const all = Object.entries(then.values);
  const rows = [...all.filter(known), ...all.filter((one) => !known(one))];
  return html`<p>Of <strong>${then.time ? atTime(then.time) : "before the first event"}</strong>. What is listed is exact: every change was undone backwards.</p>
    <dl class="values wide">${rows.map(([path, value]) => html`<${Value} key=${path} id=${id} name=${path} path=${then.time ? path : ""} at=${then.time}>${said(path, value)}<//>`)}</dl>
    <p class="note"><strong>Not known of the past:</strong> ${then.unknown.join(", ")}. It decays with every event, and no change has it. The command <code>liveprofile explain ${id} PATH --at ${then.time ?? "TIME"}</code> replays what is kept on Kafka.</p>`;
}

/** @param {string} path @param {any} value */
function said(path, value) {
  if (path === "interests.slots") return valueWords(Object.values(value ?? {}).map((one) => topicName(/** @type {any} */ (one).topic)));
  if (path.startsWith("interests.")) return valueWords([value ?? []].flat().map((one) => topicName(String(one))));
  return valueWords(value);
}
