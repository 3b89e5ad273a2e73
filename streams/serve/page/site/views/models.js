/** Models: which versions there are, what happened to them, and how well profiles are known. */
import { html } from "../vendor/vendor.js";
import { Bars } from "../parts/bars.js";
import { Panel } from "../parts/panel.js";
import { atTime, counted, short, valueWords } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";

const QUALITY = "ProfileQuality";
const PARTS = ["completeness", "freshness", "consistency", "confidence"];

export default function Models() {
  const path = "/v1/models?limit=300";
  const asked = useAnswer(path, 10_000);
  const { versions = [], events = [] } = asked.data ?? {};
  const happened = events.filter((/** @type {any} */ one) => one.type !== QUALITY).slice(0, 60);
  return html`<div class="view-head"><h1>Models</h1><p>Versions go through the log: a replay judges by the models that were in force then.</p></div>
    <div class="columns">
      <${Panel} title="What happened" asked=${asked} staleMs=${25_000} path=${path} isEmpty=${!happened.length} empty="No model has published a version yet: each does after a number of examples.">
        <div class="scroll"><table><thead><tr><th>Model</th><th class="num">Version</th><th>What</th><th>Details</th></tr></thead>
          <tbody>${happened.map((/** @type {any} */ one, /** @type {number} */ at) => html`<tr key=${at}><td>${one.model}${one.label ? html` <span class="dim">${one.label}</span>` : null}</td><td class="num">${counted(one.version)}</td><td>${one.type}</td><td class="small dim">${details(one.details)}</td></tr>`)}</tbody></table></div>
      <//>
      <div class="stack">
        <${Panel} title="Versions that are kept" asked=${asked} path=${path} isEmpty=${!versions.length} empty="None yet."><ul class="plain mono small">${versions.map((/** @type {string} */ one) => html`<li key=${one}>${one}</li>`)}</ul><//>
        <${Panel} title="How well profiles are known" asked=${asked} path=${path}><${Quality} events=${events} /><//>
      </div>
    </div>`;
}

/** The mean of each quality over the newest event of each partition, by the number of profiles. @param {{ events: any[] }} props */
function Quality({ events }) {
  /** @type {Map<number, any>} */
  const newest = new Map();
  for (const one of events) if (one.type === QUALITY && !newest.has(one.details.partition)) newest.set(one.details.partition, one);
  if (!newest.size) return html`<p class="dim">Not measured yet.</p>`;
  const all = [...newest.values()].map((one) => one.details);
  const count = (/** @type {string} */ part) => all.reduce((sum, one) => sum + (one[part]?.count ?? 0), 0);
  const rows = PARTS.map((part) => ({ name: part, value: all.reduce((sum, one) => sum + (one[part]?.mean ?? 0) * (one[part]?.count ?? 0), 0) / Math.max(1, count(part)) }));
  const version = [...newest.values()][0]?.version;
  return html`<${Bars} rows=${rows} most=${1} share=${true} /><p class="dim small">Of ${counted(count("completeness"))} profiles that were active in the minute of ${atTime(version * 60_000)}; mean.</p>`;
}

/** @param {Record<string, any>} found */
function details(found) {
  return Object.entries(found ?? {}).slice(0, 6).map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "number" ? short(value) : valueWords(value).slice(0, 80)}`).join(", ");
}
