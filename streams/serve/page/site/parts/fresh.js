/** Shoppers to begin with: those that changed last, and lists by what they are. */
import { html } from "../vendor/vendor.js";
import { useAnswer } from "../state/answers.js";
import { filterBy, go, hashOf, route } from "../state/route.js";
import { Severity } from "./bars.js";
import { useWalk } from "./list.js";
import { Panel } from "./panel.js";
import { atTime, counted, shortId } from "./words.js";

const FILTERS = ["segment", "lifecycle", "cluster", "kind", "severity"];

export function Fresh() {
  const { query } = route.value;
  const asking = new URLSearchParams({ limit: "50" });
  for (const name of [...FILTERS, "after"]) if (query[name]) asking.set(name, query[name]);
  const path = `/v1/profiles?${asking}`;
  const asked = useAnswer(path, 10_000);
  const sizes = useAnswer("/v1/segments", 30_000).data;
  const rows = asked.data?.profiles ?? [];
  const { list, at } = useWalk(rows.map((/** @type {any} */ one) => one.profile_id), (id) => void go("shopper", id));
  const choice = (/** @type {string} */ name, /** @type {string[]} */ options) => html`<label>${name} <select value=${query[name] ?? ""} onChange=${(/** @type {any} */ event) => filterBy({ [name]: event.target.value, after: "" })}>
    <option value="">any</option>${options.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>`;
  return html`<div class="view-head"><h1>Shoppers</h1><p>Find one by id with <kbd>/</kbd>, or take one of a list.</p></div>
  <${Panel} title=${asked.data ? `${counted(asked.data.total)} shoppers` : "Shoppers"} asked=${asked} path=${path} command="liveprofile show ID" isEmpty=${!rows.length} empty="No shopper fits these filters."
    tools=${html`<div class="filters">${choice("lifecycle", Object.keys(sizes?.lifecycle ?? {}))}${choice("segment", Object.keys(sizes?.segments ?? {}))}</div>`}>
    <div class="rows shoppers" ref=${list}>${rows.map((/** @type {any} */ one) => html`<a class="row" key=${one.profile_id} href=${hashOf("shopper", one.profile_id)} aria-current=${at === one.profile_id ? "true" : null}>
      <span class="id">${shortId(one.profile_id)}</span><span>${one.lifecycle ?? ""}</span><span class="dim">${(one.segments ?? []).join(", ")}</span>
      <span>${one.severity ? html`<${Severity} value=${one.severity} />` : null}</span><span class="dim small nowrap">seen ${atTime(one.last_seen)}</span></a>`)}</div>
    ${asked.data?.after ? html`<button type="button" onClick=${() => void go("shopper", "", { ...query, after: asked.data.after })}>Next page</button>` : null}
  <//>`;
}
