/** Refused: dead letters by reason and source, with samples; what was sent, and is not in any profile. */
import { html } from "../vendor/vendor.js";
import { Bars } from "../parts/bars.js";
import { Panel } from "../parts/panel.js";
import { atTime, counted } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { filterBy, route } from "../state/route.js";

export default function Refused() {
  const { reason = "", source = "" } = route.value.query;
  const asking = new URLSearchParams({ limit: "50" });
  if (reason) asking.set("reason", reason);
  if (source) asking.set("source", source);
  const path = `/v1/refused?${asking}`;
  const asked = useAnswer(path, 10_000);
  const { counts = [], samples = [] } = asked.data ?? {};
  const command = "liveprofile watch dead-letters --from start --no-follow";
  return html`<div class="view-head"><h1>Refused</h1><p>Records that no profile has, each with the reason and where it stands. Nothing of them is lost: the topic keeps them.</p></div>
    <div class="columns">
      <${Panel} title="Samples" asked=${asked} staleMs=${25_000} path=${path} command=${command} isEmpty=${!samples.length} empty="Nothing was refused."
        filters=${reason || source ? html`<button type="button" class="chip" aria-pressed="true" onClick=${() => filterBy({ reason: "", source: "" })}>${reason} ${source} ✕</button>` : null}>
        <ul class="plain lines">${samples.map((/** @type {any} */ one) => html`<li key=${one.position}><strong>${one.reason}</strong> <span class="mono small">${one.source}</span> <span class="dim small">${atTime(one.time)}</span><div class="dim">${one.detail ?? ""}</div></li>`)}</ul>
      <//>
      <${Panel} title="By reason" asked=${asked} staleMs=${25_000} path=${path} command=${command} isEmpty=${!counts.length} empty="Nothing was refused.">
        <${Bars} rows=${counts.map((/** @type {any} */ one) => ({ key: `${one.reason} ${one.source}`, name: html`<button type="button" class="quiet" onClick=${() => filterBy({ reason: one.reason, source: one.source })}>${one.reason}</button> <span class="mono small dim">${one.source}${one.mapping ? ` ${one.mapping}` : ""}</span>`, value: one.count, words: counted(one.count) }))} />
      <//>
    </div>`;
}
