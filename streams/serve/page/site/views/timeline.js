/** Timeline: what happened to a shopper, all of it by default, grouped by visit; as text for a ticket. */
import { html, useEffect, useState } from "../vendor/vendor.js";
import { Cause } from "../parts/cause.js";
import { Sign, Words } from "../parts/fact-row.js";
import { KINDS, kindOf } from "../parts/kinds.js";
import { Copy, Empty, Panel } from "../parts/panel.js";
import { atClock, counted, onDay, plural, shortId } from "../parts/words.js";
import { ask } from "../state/api.js";
import { useAnswer } from "../state/answers.js";
import { filterBy, go, hashOf, route } from "../state/route.js";
import { useKeys } from "../state/keys.js";

const VISIT_MS = 1_800_000;
const PAGE = 200;

/** @typedef {{ time: string, kind: string, version: number | null, path: string, words: string, cause: string | null, rules: string | null }} Moment */

export default function Timeline() {
  const { id, query } = route.value;
  const { kind = "", has = "" } = query;
  const path = `/v1/profiles/${id}/timeline?limit=${PAGE}`;
  const asked = useAnswer(id ? path : null, 10_000);
  const [earlier, setEarlier] = useState(/** @type {{ moments: Moment[], before: string | null } | null} */ (null));
  useEffect(() => setEarlier(null), [id]);
  useKeys([{ key: "Escape", does: "back to the shopper", run: () => void go("shopper", id) }], [id]);
  if (!id) return html`<${Empty}>Choose a <a href="#/shopper">shopper</a> first.<//>`;
  const before = earlier ? earlier.before : asked.data?.before;
  const more = async () => {
    const { data } = await ask(`${path}&before=${encodeURIComponent(before)}`);
    setEarlier({ moments: [...(earlier?.moments ?? []), ...data.moments], before: data.before });
  };
  /** @type {Moment[]} */
  const all = [...(asked.data?.moments ?? []), ...(earlier?.moments ?? [])];
  const shown = all.filter((one) => (!kind || kindOfMoment(one) === kind) && (!has || `${one.path} ${one.words}`.toLowerCase().includes(has.toLowerCase())));
  const text = shown.map((one) => `${one.time}  ${one.version === null ? "" : `v${one.version}  `}${one.words}${one.cause === "rules" ? ` (the rules were edited: ${one.rules})` : ""}`).join("\n");
  return html`<div class="view-head"><h1>Timeline of <a class="id" href=${hashOf("shopper", id)}>${shortId(id)}</a></h1></div>
    <${Panel} title=${`${counted(shown.length)}${before ? "+" : ""} moments`} asked=${asked} staleMs=${25_000} path=${path} command=${`liveprofile watch changes --profile ${id} --from start --no-follow`}
      filters=${html`<div class="chips" role="group" aria-label="Kinds">${KINDS.map((one) => html`<button key=${one.name} type="button" class="chip" aria-pressed=${kind === one.name ? "true" : "false"} onClick=${() => filterBy({ kind: kind === one.name ? "" : one.name })}><${Sign} kind=${one.name} /> ${one.words}</button>`)}</div>
        <label>Has <input value=${has} size="14" placeholder="word or path" onInput=${(/** @type {any} */ event) => filterBy({ has: event.target.value })} /></label>`}
      isEmpty=${!shown.length} empty=${all.length ? "Nothing fits the filters." : "Nothing was said of this shopper yet."} tools=${html`<${Copy} text=${text} label="copy as text" what="the timeline as text" />`}>
      <ol class="plain sessions">${visits(shown).map((visit) => html`<li key=${visit[0]?.time}><${Visit} id=${id} visit=${visit} /></li>`)}</ol>
      ${before ? html`<button type="button" onClick=${more}>Earlier ones</button>` : html`<p class="dim small">This is the beginning of what is kept.</p>`}
    <//>`;
}

/** @param {Moment} one */
function kindOfMoment(one) {
  return one.kind === "anomaly" ? "anomaly" : kindOf(one.path);
}

/** Moments with less than half an hour between them. @param {Moment[]} moments the latest first */
function visits(moments) {
  /** @type {Moment[][]} */
  const found = [];
  let lastMs = Infinity;
  for (const one of moments) {
    const ms = Date.parse(one.time);
    if (!found.length || lastMs - ms > VISIT_MS) found.push([]);
    found.at(-1)?.push(one);
    lastMs = ms;
  }
  return found;
}

/** @param {{ id: string, visit: Moment[] }} props */
function Visit({ id, visit }) {
  const [first] = visit;
  return html`<h3>${onDay(first?.time ?? "")} · ${plural(visit.length, "moment")}</h3>
    ${visit.map((one, at) => html`<div class="moment" key=${at}><time class="dim small" dateTime=${one.time} title=${one.time}>${atClock(Date.parse(one.time))}</time><${Sign} kind=${kindOfMoment(one)} /><span><${Words} message=${one.words} />${one.cause ? html` <${Cause} cause=${one.cause} rules=${one.rules} />` : null}</span>
      ${one.version === null ? html`<span></span>` : html`<a class="small" href=${hashOf("shopper", id, { v: String(one.version) })}>v${one.version}</a>`}</div>`)}`;
}
