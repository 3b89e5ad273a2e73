/** The time machine: a slider over the versions of a shopper, with what each of them changed. */
import { html, useState } from "../vendor/vendor.js";
import { useKeys } from "../state/keys.js";
import { filterBy } from "../state/route.js";
import { Sign, Words } from "./fact-row.js";
import { kindOf } from "./kinds.js";
import { Panel } from "./panel.js";
import { atTime } from "./words.js";

/** @param {{ id: string, newest: number, version: number, changes: any[], oldest: number | null }} props */
export function TimeMachine({ id, newest, version, changes, oldest }) {
  const [dragged, setDragged] = useState(/** @type {number | null} */ (null));
  const least = oldest === null ? newest : oldest - 1;
  const shown = dragged ?? version;
  const to = (/** @type {number} */ wanted) => filterBy({ v: wanted >= newest ? "" : String(Math.max(least, wanted)) });
  useKeys([
    { key: "[", does: "a version back", run: () => to(version - 1) },
    { key: "]", does: "a version on", run: () => to(version + 1) },
  ], [version, newest, least]);
  const record = changes.find((one) => one.version === shown);
  const when = record?.evidence?.[0]?.ts;
  return html`<${Panel} title="Time machine" class=${shown < newest ? "past" : ""} path=${`/v1/profiles/${id}?version=${shown}`} command=${`liveprofile watch changes --profile ${id} --from start --no-follow`}
      tools=${html`<span class=${shown < newest ? "chip strong" : "chip"}>${shown < newest ? `version ${shown} of ${newest}` : `version ${newest}, the present`}</span>
        ${shown < newest ? html`<button type="button" class="chip" onClick=${() => to(newest)}>back to the present</button>` : null}`}>
    ${newest > least
      ? html`<div class="machine"><button type="button" aria-label="A version back" disabled=${shown <= least} onClick=${() => to(version - 1)}>‹</button>
          <input type="range" min=${least} max=${newest} value=${shown} aria-label="Version" aria-valuetext=${`version ${shown} of ${newest}`}
            onInput=${(/** @type {any} */ event) => setDragged(Number(event.target.value))} onChange=${(/** @type {any} */ event) => { setDragged(null); to(Number(event.target.value)); }} />
          <button type="button" aria-label="A version on" disabled=${shown >= newest} onClick=${() => to(version + 1)}>›</button></div>
        <div class="said">${record
          ? html`<p class="dim small">${when ? atTime(when) : record.origin}</p><ul class="plain">${record.changes.map((/** @type {any} */ one, /** @type {number} */ place) => html`<li key=${place}><${Sign} kind=${kindOf(one.path)} /> <${Words} message=${one.message || one.path} /></li>`)}</ul>`
          : html`<p class="dim">${shown === 0 ? "Before the first change: nothing was published." : "What this version changed is not at hand: see the timeline."}</p>`}</div>`
      : html`<p class="dim">No earlier version is kept.</p>`}
  <//>`;
}
