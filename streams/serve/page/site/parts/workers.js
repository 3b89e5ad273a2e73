/** Workers: which stage is behind in which partition, who has it, and when it last moved. */
import { html } from "../vendor/vendor.js";
import { useAnswer } from "../state/answers.js";
import { Bar } from "./bars.js";
import { Panel } from "./panel.js";
import { age, counted, plural, short } from "./words.js";

const LATE_S = 5;
/** Stages that a change waits for; the others work in batches, and may be behind. */
const WAITED_FOR = ["ingest", "profile"];

/** @typedef {{ stage: string, topic: string, partition: number, owner: string | null, host: string | null, lag_records: number, lag_seconds: number, loading: boolean | null, checkpoint_age_seconds: number | null, owned_seconds: number | null, assignments: number | null, end: number }} Part */

export function Workers() {
  const asked = useAnswer("/v1/streams", 3000);
  const { status, topics = [] } = asked.data ?? {};
  const parts = /** @type {Part[]} */ (status?.partitions ?? []);
  const late = status && (status.lag_seconds >= LATE_S || status.laggards.length || !status.workers.length);
  const common = { asked, staleMs: 15_000, path: "/v1/streams" };
  return html`<${Panel} ...${common} title="Workers" command="liveprofile status" isEmpty=${false}>
      ${status ? html`<p class=${`note ${late ? "warn" : "good"}`} role="status">${status.summary}; end to end ${short(status.lag_seconds, 2)} s, ${plural(status.lag_records, "input record")} wait</p>
        <ul class="plain lines">${status.workers.map((/** @type {any} */ one) => html`<li key=${one.name}><strong>${one.name}</strong> <span class="dim small mono">${one.host}</span><div class="dim small">${Object.entries(one.partitions).map(([stage, count]) => `${stage} ${count}`).join(", ") || "no partition"}</div></li>`)}</ul>` : null}
    <//>
    <${Panel} ...${common} title="Topics" command="liveprofile status --json" isEmpty=${!topics.length} empty="No topic is read.">
      <div class="scroll" tabindex="0" role="region" aria-label="Topics that stages read"><table><thead><tr><th>Topic</th><th class="num">Behind</th><th><span class="unseen">Behind, as a length</span></th><th class="num">Waiting</th><th class="num">Records/s</th><th class="num">Records</th><th>Stage</th></tr></thead>
        <tbody>${topics.map((/** @type {any} */ one) => html`<tr key=${`${one.stage}${one.topic}`}><td class="mono">${one.topic}</td><td class="num"><${Behind} one=${one} /></td><td class="lag"><${Bar} share=${one.lag_seconds / 30} tone=${isLate(one) ? "warn" : WAITED_FOR.includes(one.stage) ? "good" : "off"} /></td><td class="num">${counted(one.lag_records)}</td><td class="num">${one.records_per_s === null ? "…" : short(one.records_per_s, 2)}</td><td class="num">${counted(one.records)}</td><td>${one.stage}</td></tr>`)}</tbody></table></div>
    <//>
    <${Panel} ...${common} title="Partitions of the profile stage" command="liveprofile status --watch" isEmpty=${!parts.length} empty="No partition is read.">
      <div class="scroll" tabindex="0" role="region" aria-label="Partitions and their workers"><table><thead><tr><th>Partition</th><th class="num">Behind</th><th class="num">Waiting</th><th>Worker</th><th class="num">Checkpoint</th><th class="num">Owned</th><th class="num">Given</th></tr></thead>
        <tbody>${parts.filter((one) => one.stage === "profile" || isLate(one)).map((one) => html`<${Partition} key=${`${one.stage}${one.topic}${one.partition}`} one=${one} />`)}</tbody></table></div>
    <//>`;
}

/** @param {{ one: Part }} props */
function Partition({ one }) {
  const ago = (/** @type {number | null} */ seconds) => (seconds === null ? "" : age(seconds * 1000));
  const owner = one.owner === null ? html`<strong>▲ nobody</strong>` : html`${one.owner}${one.loading ? " (loading)" : ""}`;
  return html`<tr><td class="mono">${one.topic}/${one.partition}</td><td class="num"><${Behind} one=${one} /></td><td class="num">${counted(one.lag_records)}</td><td>${owner}</td><td class="num">${ago(one.checkpoint_age_seconds)}</td><td class="num">${ago(one.owned_seconds)}</td><td class="num">${one.assignments === null ? "" : `${one.assignments}×`}</td></tr>`;
}

/** @param {{ stage: string, lag_seconds: number }} one */
function isLate(one) {
  return WAITED_FOR.includes(one.stage) && one.lag_seconds >= LATE_S;
}

/** @param {{ one: { stage: string, lag_seconds: number } }} props */
function Behind({ one }) {
  return html`${isLate(one) ? "▲ " : ""}${short(one.lag_seconds, 2)} s`;
}
