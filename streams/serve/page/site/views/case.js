/** Case: one anomaly: its life, what counted, its evidence, its shopper, and the verdict. */
import { html } from "../vendor/vendor.js";
import { Bars, Severity } from "../parts/bars.js";
import { Evidence } from "../parts/evidence.js";
import { Life } from "../parts/life.js";
import { Empty, Panel } from "../parts/panel.js";
import { Verdict } from "../parts/verdict.js";
import { atTime, counted, short, shortId } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { useKeys } from "../state/keys.js";
import { go, hashOf, route } from "../state/route.js";

export default function Case() {
  const { id } = route.value;
  const path = `/v1/anomalies/${id}`;
  const asked = useAnswer(id ? path : null, 10_000);
  const one = asked.data?.anomaly;
  useKeys([{ key: "Escape", does: "back to the queue", run: () => void go("queue") }]);
  if (!id) return html`<${Empty}>Choose an anomaly in the <a href="#/queue">queue</a>.<//>`;
  return html`<${Panel} title="Case" asked=${asked} staleMs=${25_000} path=${path} command=${one ? `liveprofile explain ${one.profile_id} anomalies.${one.kind}` : ""}>
      ${one ? html`<${Head} one=${one} />` : null}<//>
    ${one ? html`<div class="columns"><div class="stack"><${Story} one=${one} /><${Proof} one=${one} /></div>
      <div class="stack">
        <${Panel} title="Verdict" curl=${`curl -X POST '${location.origin}${path}/verdict' -H 'Content-Type: application/json' -d '{"verdict":"real","reason":""}'`}>
          <${Verdict} id=${id} last=${asked.data.verdict} done=${asked.reload} /><//>
        <${Counted} one=${one} asked=${asked} />
        <${Others} one=${one} />
      </div></div>` : null}`;
}

/** @param {{ one: any }} props */
function Head({ one }) {
  return html`<h1 dir="auto">${one.message || one.reading}</h1>
    <p class="shopper-ids dim"><${Severity} value=${one.severity} /><strong>${one.kind}${one.rule ? ` by rule ${one.rule}` : ""}</strong>
      <span>${one.state}, step ${one.step}</span><span>first seen ${atTime(one.first_seen)}</span><span>last seen ${atTime(one.last_seen)}</span>
      <a href=${hashOf("shopper", one.profile_id)}>shopper ${shortId(one.profile_id)} →</a><a href=${hashOf("timeline", one.profile_id)}>timeline →</a></p>`;
}

/** Score by time, over what else happened to the shopper. @param {{ one: any }} props */
function Story({ one }) {
  const path = `/v1/profiles/${one.profile_id}/anomalies`;
  const asked = useAnswer(path, 10_000);
  const moments = useAnswer(`/v1/profiles/${one.profile_id}/timeline?limit=200`, 10_000).data?.moments ?? [];
  const steps = (asked.data?.anomalies ?? []).filter((/** @type {any} */ step) => step.anomaly_id === one.anomaly_id);
  steps.sort((/** @type {any} */ a, /** @type {any} */ b) => a.step - b.step);
  return html`<${Panel} title="Its life" asked=${asked} path=${path} isEmpty=${!steps.length} empty="No step is kept." command=${`liveprofile watch anomalies --profile ${one.profile_id} --from start --no-follow`}>
    <${Life} steps=${steps} moments=${moments} />
    <ul class="plain lines">${steps.map((/** @type {any} */ step) => html`<li key=${step.step}><span class="dim nowrap">${atTime(step.last_seen)}</span> <bdi>${step.message || step.reading}</bdi></li>`)}</ul>
  <//>`;
}

/** The events of it, as they stand on Kafka. @param {{ one: any }} props */
function Proof({ one }) {
  const path = `/v1/profiles/${one.profile_id}/explain/anomalies.${one.kind}`;
  const asked = useAnswer(path);
  const found = (asked.data?.anomalies ?? []).find((/** @type {any} */ each) => each.steps.some((/** @type {any} */ step) => step.anomaly_id === one.anomaly_id));
  return html`<${Panel} title="Evidence" asked=${asked} path=${path} command=${`liveprofile explain ${one.profile_id} anomalies.${one.kind}`}><${Evidence} rows=${found?.evidence ?? one.evidence} /><//>`;
}

/** What counted, and which rules voted. @param {{ one: any, asked: any }} props */
function Counted({ one, asked }) {
  const rows = (/** @type {Record<string, number>} */ values) => Object.entries(values).map(([name, value]) => ({ name: name.replaceAll("_", " "), value }));
  const votes = rows(one.votes ?? {});
  return html`<${Panel} title="What counted" atMs=${asked.atMs}>
    <dl class="values">${rows(one.contributions ?? {}).map(({ name, value }) => html`<div class="value" key=${name}><dt>${name}</dt><dd><strong>${short(value)}</strong></dd></div>`)}</dl>
    <p class="dim">Score ${one.score}${one.p_value ? `; usual behaviour looks so once in ${counted(1 / one.p_value)} sessions` : ""}.</p>
    ${votes.length ? html`<h3>Detectors that voted</h3><${Bars} rows=${votes} />` : null}
  <//>`;
}

/** Other anomalies of the shopper. @param {{ one: any }} props */
function Others({ one }) {
  const path = `/v1/profiles/${one.profile_id}/anomalies`;
  const asked = useAnswer(path);
  const last = new Map((asked.data?.anomalies ?? []).map((/** @type {any} */ step) => [step.anomaly_id, step]));
  last.delete(one.anomaly_id);
  return html`<${Panel} title="Others of this shopper" asked=${asked} path=${path} isEmpty=${!last.size} empty="This is the only one.">
    <ul class="plain lines">${[...last.values()].map((step) => html`<li key=${step.anomaly_id}><a href=${hashOf("case", step.anomaly_id)}>${step.kind}</a> <span class="dim">${step.state}, ${atTime(step.last_seen)}</span></li>`)}</ul>
  <//>`;
}
