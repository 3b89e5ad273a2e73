/** Segments: sizes, what moved, how they overlap; one segment's rule and members; the rules, tried before they are published. */
import { html } from "../vendor/vendor.js";
import { Bar } from "../parts/bars.js";
import { Causes } from "../parts/cause.js";
import { Overlaps } from "../parts/overlaps.js";
import { Panel } from "../parts/panel.js";
import { useWalk } from "../parts/list.js";
import { Rules } from "../parts/rules.js";
import { atTime, counted, percent, shortId } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { go, hashOf, route } from "../state/route.js";

export default function Segments() {
  const { id } = route.value;
  const asked = useAnswer("/v1/segments", 5000);
  const flows = useAnswer("/v1/segments/flows", 15_000);
  const { segments = {}, lifecycle = {}, profiles = 0, rules = "" } = asked.data ?? {};
  const bySize = (/** @type {Record<string, number>} */ sizes) => Object.entries(sizes).sort((a, b) => b[1] - a[1]);
  const names = bySize(segments);
  const { list, at } = useWalk(names.map(([name]) => name), (name) => void go("segments", name));
  return html`<div class="view-head"><h1>Segments</h1><p>Sizes are exact. Moves are of the last 24 hours, by the times of events. Rules <code>${rules}</code>.</p></div>
    <div class="columns"><div class="stack">
      <${Panel} title="Segments" asked=${asked} staleMs=${15_000} path="/v1/segments" command="liveprofile segments sizes" isEmpty=${!names.length} empty="Nobody is in a segment yet.">
        <${Sizes} rows=${names} whole=${profiles} flows=${flows.data?.segments} walk=${list} at=${at} chosen=${id} />
      <//>
      <${Panel} title="Lifecycle" asked=${asked} staleMs=${15_000} path="/v1/segments/flows" command="liveprofile segments sizes"><${Sizes} rows=${bySize(lifecycle)} whole=${profiles} flows=${flows.data?.lifecycle} /><//>
    </div>
    <div class="stack">${id ? html`<${One} key=${id} name=${id} causes=${flows.data?.causes} />` : html`<p class="note">Choose a segment: <kbd>j</kbd> <kbd>k</kbd> walk the list, <kbd>Enter</kbd> opens.</p>`}</div></div>
    <${Rules} chosen=${id} />
    <${Overlaps} sizes=${segments} />`;
}

/** @param {{ rows: [string, number][], whole: number, flows?: Record<string, { entered: number, left: number }>, walk?: any, at?: string | null, chosen?: string }} props */
function Sizes({ rows, whole, flows = {}, walk, at, chosen }) {
  return html`<div class="rows sizes" ref=${walk}><div class="row head small dim"><span>Name</span><span></span><span class="num">Shoppers</span><span class="num">Share</span><span class="num">Entered</span><span class="num">Left</span></div>
    ${rows.map(([name, size]) => {
      const cells = html`<span class="what">${name}</span><${Bar} share=${whole ? size / whole : 0} /><span class="num">${counted(size)}</span><span class="num dim">${percent(whole ? size / whole : 0)}</span>
        <span class="num">+${counted(flows[name]?.entered ?? 0)}</span><span class="num dim">−${counted(flows[name]?.left ?? 0)}</span>`;
      return walk ? html`<a class="row" key=${name} href=${hashOf("segments", name)} aria-current=${at === name || (at === null && chosen === name) ? "true" : null}>${cells}</a>` : html`<div class="row" key=${name}>${cells}</div>`;
    })}</div>`;
}

/** Members of a segment, since when, and what moved the others. @param {{ name: string, causes?: Record<string, Record<string, { entered: number, left: number }>> }} props */
function One({ name, causes = {} }) {
  const path = `/v1/segments/${encodeURIComponent(name)}/members?limit=12`;
  const asked = useAnswer(path, 15_000);
  const members = asked.data?.members ?? [];
  return html`<${Panel} title=${`In ${name}`} asked=${asked} staleMs=${40_000} path=${path} command=${`liveprofile segments export ${name}`} isEmpty=${!members.length} empty="Nobody is in it now."
      tools=${html`<a class="small" href=${hashOf("shopper", "", { segment: name })}>all ${counted(asked.data?.total)}</a><a class="small" href=${hashOf("now", "", { segment: name })}>watch it</a>`}>
    <${Causes} name=${name} causes=${causes} />
    <ul class="plain lines">${members.map((/** @type {any} */ one) => html`<li key=${one.profile_id}><a class="id" href=${hashOf("shopper", one.profile_id)}>${shortId(one.profile_id)}</a> <span class="dim small">since ${one.since ? atTime(one.since) : "before what is kept"}</span></li>`)}</ul>
  <//>`;
}
