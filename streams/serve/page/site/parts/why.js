/** The why at every value: what was said, by which rule, what it saw, which events, and what it was before. */
import { html, useState } from "../vendor/vendor.js";
import { useAnswer } from "../state/answers.js";
import { Dialog } from "./dialog.js";
import { Evidence } from "./evidence.js";
import { Copy, Empty, Failed, Loading } from "./panel.js";
import { atTime, short, valueWords } from "./words.js";

/** A button beside a value. @param {{ id: string, path: string, at?: string | null }} props */
export function Why({ id, path, at }) {
  const [open, setOpen] = useState(false);
  return html`<button type="button" class="why-button" title=${`Why ${path}?`} aria-label=${`Why ${path}?`} onClick=${() => setOpen(true)}>why</button>
    ${open ? html`<${WhyDialog} id=${id} path=${path} at=${at} close=${() => setOpen(false)} />` : null}`;
}

/** @param {{ id: string, path: string, at?: string | null, close: () => void }} props */
function WhyDialog({ id, path, at, close }) {
  const url = `/v1/profiles/${id}/explain/${encodeURIComponent(path)}${at ? `?at=${encodeURIComponent(at)}` : ""}`;
  const asked = useAnswer(url);
  return html`<${Dialog} title=${`Why ${path}?`} side=${true} close=${close}>
    <p class="dim small">Shopper <span class="id">${id.slice(0, 8)}</span>${at ? ` as of ${atTime(at)}` : ""}
      <${Copy} text=${`curl -s '${location.origin}${url}'`} label="curl" what="this as curl" />
      <${Copy} text=${`liveprofile explain ${id} ${path}${at ? ` --at ${at}` : ""}`} label="cmd" what="this as command" /></p>
    ${asked.loading && !asked.data ? html`<${Loading} />` : null}
    ${asked.problem ? (asked.problem.status === 404 ? html`<${Empty}>${asked.problem.detail}<//>` : html`<${Failed} problem=${asked.problem} reload=${asked.reload} />`) : null}
    ${asked.data ? html`<${Explained} data=${asked.data} />` : null}
  <//>`;
}

/** @param {{ data: any }} props */
export function Explained({ data }) {
  const { answers, anomalies, not_in: absent } = data;
  if (!answers.length && !anomalies.length && !absent) return html`<${Empty}>Nothing was said about this yet.<//>`;
  return html`<div class="stack">
    ${answers.map((/** @type {any} */ one) => html`<${Answer} key=${one.path} one=${one} />`)}
    ${anomalies.map((/** @type {any} */ one, /** @type {number} */ place) => html`<${Steps} key=${place} one=${one} />`)}
    ${absent ? html`<${Absent} absent=${absent} />` : null}
  </div>`;
}

/** @param {{ one: any }} props */
function Answer({ one }) {
  const { reason } = one.change;
  return html`<article class="stack tight">
    <p class="lead">${one.words}</p>
    <p class="dim">${one.meaning}</p>
    <dl class="facts">
      <div><dt>Value</dt><dd>${valueWords(one.value)}</dd></div>
      <div><dt>Before</dt><dd>${valueWords(one.change.before)}</dd></div>
      <div><dt>Since</dt><dd>${atTime(one.since)}, version ${one.version}</dd></div>
      <div><dt>Rule</dt><dd><code>${reason.rule}</code>${reason.condition ? html` <code>${reason.condition}</code>` : null}</dd></div>
      <div><dt>Threshold</dt><dd>${short(reason.threshold)}, observed ${reason.observed_name ?? short(reason.observed)}</dd></div>
      <div><dt>Origin</dt><dd>${one.origin}</dd></div>
    </dl>
    ${one.amounts ? html`<p class="note warn">${one.amounts}</p>` : null}
    <h3>Evidence</h3>
    <${Evidence} rows=${one.evidence} />
    ${one.earlier.length ? html`<h3>Before that</h3><ul class="plain">${one.earlier.map((/** @type {any} */ was, /** @type {number} */ place) => html`<li key=${place}><span class="dim nowrap">${atTime(was.since ?? was.time)}</span> ${was.words ?? valueWords(was.value)}</li>`)}</ul>` : null}
    <${Models} models=${one.models} />
  </article>`;
}

/** @param {{ models: Record<string, string | null> }} props */
function Models({ models }) {
  const used = Object.entries(models ?? {}).filter(([, version]) => version);
  return html`<p class="dim small">Made with ${used.map(([name, version]) => `${name} ${version}`).join(", ")}.</p>`;
}

/** @param {{ one: any }} props */
function Steps({ one }) {
  return html`<article class="stack tight">
    ${one.steps.map((/** @type {any} */ step) => html`<p key=${step.step}><span class="dim nowrap">${atTime(step.time)}</span> ${step.words}</p>`)}
    <h3>Evidence</h3><${Evidence} rows=${one.evidence} />
  </article>`;
}

/** @param {{ absent: any }} props */
function Absent({ absent }) {
  return html`<article class="stack tight"><p class="lead">${absent.words}</p>
    ${absent.segments.map((/** @type {any} */ one) => html`<div key=${one.segment}><h3>${one.segment}</h3><p><code>${one.rule}</code></p>
      <ul class="plain">${one.needs.map((/** @type {any} */ need) => html`<li key=${need.comparison}>needs <code>${need.comparison}</code>, it is ${need.observed}</li>`)}</ul></div>`)}
  </article>`;
}
