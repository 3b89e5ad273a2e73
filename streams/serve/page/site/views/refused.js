/** Refused: dead letters by reason and source, with their places; what was sent, and is not in any profile. */
import { html } from "../vendor/vendor.js";
import { Bars } from "../parts/bars.js";
import { Copy, Panel } from "../parts/panel.js";
import { atTime, counted, plural } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { filterBy, route } from "../state/route.js";

export default function Refused() {
  const { reason = "", source = "" } = route.value.query;
  const asking = new URLSearchParams({ limit: "50" });
  if (reason) asking.set("reason", reason);
  if (source) asking.set("source", source);
  const path = `/v1/refused?${asking}`;
  const asked = useAnswer(path, 5000);
  const { counts = [], samples = [], total = 0, since = "", command = "" } = asked.data ?? {};
  const chosen = reason || source ? html`<button type="button" class="chip" aria-pressed="true" onClick=${() => filterBy({ reason: "", source: "" })}>${reason} ${source} ✕</button>` : null;
  return html`<div class="view-head"><h1>Refused</h1><p>Records that are in no profile, each with the reason and where it stands. What was sent is not shown: it may be a shopper's.</p></div>
    <div class="columns">
      <${Panel} title="The newest" asked=${asked} staleMs=${15_000} path=${path} command=${command} isEmpty=${!samples.length} empty="Nothing was refused." filters=${chosen}>
        <ul class="plain lines">${samples.map((/** @type {any} */ one) => html`<${Sample} key=${one.letter} one=${one} />`)}</ul>
      <//>
      <${Panel} title="By reason" asked=${asked} staleMs=${15_000} path=${path} command=${command} isEmpty=${!counts.length} empty="Nothing was refused.">
        <p class="dim small">${plural(total, "record")} since ${atTime(since)}, in whole days</p>
        <${Bars} rows=${counts.map((/** @type {any} */ one) => ({ key: `${one.reason} ${one.source}`, name: html`<button type="button" class="quiet" onClick=${() => filterBy({ reason: one.reason, source: one.source })}>${one.reason}</button> <span class="mono small dim">${one.source}</span>`, value: one.count, words: counted(one.count) }))} />
      <//>
    </div>`;
}

/** One refused record: why, where it stands, and how to see the structure that it had. @param {{ one: any }} props */
function Sample({ one }) {
  const [topic, partition, offset] = one.letter.split("/");
  const look = `kafka-console-consumer.sh --bootstrap-server HOST:9092 --topic ${topic} --partition ${partition} --offset ${offset} --max-messages 1`;
  return html`<li><div class="filters"><strong>${one.reason}</strong> <span class="mono small">${one.position}</span><span class="dim small">${atTime(one.time || one.refused_ms)}, ${plural(one.bytes, "byte")}</span><${Copy} text=${look} label="cmd" what="a look at its dead letter" /></div>
    <div>${one.words}</div></li>`;
}
