/** Trust: who may do what, who read whom, and which erasures are under way. */
import { html } from "../vendor/vendor.js";
import { Panel } from "../parts/panel.js";
import { atTime, counted, shortId } from "../parts/words.js";
import { ask } from "../state/api.js";
import { useAnswer } from "../state/answers.js";
import { meta } from "../state/meta.js";

export default function Trust() {
  const { data, atMs, problem } = meta.value;
  const tokens = useAnswer("/v1/tokens", 30_000);
  const audit = useAnswer("/v1/audit?limit=50", 15_000);
  const erasures = useAnswer("/v1/erasures", 30_000);
  const asked = { data: data ?? undefined, atMs, problem, loading: !data && !problem };
  const groups = Object.entries(Object.groupBy(Object.entries(/** @type {Record<string, string>} */ (data?.fields ?? {})), ([, group]) => group));
  return html`<div class="view-head"><h1>Trust</h1><p>Ids of shops become pseudonyms at the door; every read is in the audit, without a value.</p><button type="button" onClick=${signOut}>Sign out</button></div>
    <div class="grid">
      <${Panel} title="Tokens" asked=${tokens} path="/v1/tokens" command="liveprofile token list" isEmpty=${!tokens.data?.tokens?.length} empty="There is no token: whoever is on this machine may do everything.">
        <ul class="plain lines">${(tokens.data?.tokens ?? []).map((/** @type {any} */ one) => html`<li key=${one.name}><strong>${one.name}</strong> <span class="dim small">since ${atTime(one.created)}</span><div class="small">${one.scopes.join(", ")}</div></li>`)}</ul><//>
      <${Panel} title="Reads" asked=${audit} path="/v1/audit?limit=50" isEmpty=${!audit.data?.reads?.length} empty="Nobody has read a profile yet.">
        <ul class="plain lines">${(audit.data?.reads ?? []).map((/** @type {any} */ one) => html`<li key=${one.request_id}><strong>${one.token}</strong> <span class="mono small">${one.method} ${one.route}</span> <span class="dim small">${atTime(one.time)}, ${(one.profiles ?? []).slice(0, 3).map(shortId).join(" ")}${one.profiles?.length > 3 ? ` and ${counted(one.profiles.length - 3)} more` : ""}</span></li>`)}</ul><//>
      <${Panel} title="Erasures" asked=${erasures} path="/v1/erasures" command="liveprofile erase --help" isEmpty=${!erasures.data?.erasures?.length} empty="Nobody was erased.">
        <ul class="plain lines">${(erasures.data?.erasures ?? []).map((/** @type {any} */ one) => html`<li key=${one.profile_id}><span class="id">${shortId(one.profile_id)}</span> <span class="dim">asked ${atTime(one.asked)}; gone everywhere by ${atTime(one.deadline)}</span></li>`)}</ul><//>
    </div>
    <${Panel} title="What a scope allows" asked=${asked} path="/v1/meta"><dl class="values">${Object.entries(/** @type {Record<string, string>} */ (data?.scopes ?? {})).map(([name, words]) => html`<div class="value" key=${name}><dt class="mono">${name}</dt><dd>${words}</dd></div>`)}</dl><//>
    <${Panel} title="Fields by group" asked=${asked} path="/v1/meta"><dl class="values">${groups.map(([group, fields]) => html`<div class="value" key=${group}><dt class="mono">${group}</dt><dd>${(fields ?? []).map(([field]) => field).join(", ")}</dd></div>`)}</dl><//>`;
}

async function signOut() {
  await ask("/session", { method: "DELETE" });
  location.reload();
}
