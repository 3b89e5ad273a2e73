/** Streams: how far each topic is read, how fast it moves, and which partition is behind. */
import { html, useMemo, useRef } from "../vendor/vendor.js";
import { Figure, Figures } from "../parts/figures.js";
import { Panel } from "../parts/panel.js";
import { Workers } from "../parts/workers.js";
import { age, counted, short } from "../parts/words.js";
import { now } from "../state/clock.js";
import { told } from "../state/feed.js";
import { lagS, meta } from "../state/meta.js";
import { streaming } from "../state/stream.js";

const LATE_S = 5;

/** @typedef {{ partition: number, offset: number, ageS: number | null }} Place */

export default function Streams() {
  const { data, atMs, problem } = meta.value;
  const topics = useMemo(() => byTopic(data?.positions ?? []), [data]);
  const rates = useRates(topics, atMs);
  const lag = lagS();
  const worst = topics.flatMap((one) => one.places.map((place) => ({ topic: one.topic, ...place }))).sort((a, b) => (b.ageS ?? -1) - (a.ageS ?? -1))[0];
  const asked = { data: data ?? undefined, atMs, problem, loading: !data && !problem };
  const unreadable = Object.entries(data?.unreadable ?? {}).filter(([, count]) => count);
  return html`<div class="view-head"><h1>Streams</h1><p>What workers do, and how far this service has read what they wrote.</p></div>
    <${Figures} label="The service">
      <${Figure} name="Behind Kafka" value=${lag === null ? "–" : lag.toFixed(1)} unit="s" under=${worst && lag !== null ? `${worst.topic}/${worst.partition}` : ""} atMs=${atMs} staleMs=${8000} />
      <${Figure} name="Stream" value=${streaming.value.state} under=${`for ${age(now.value - streaming.value.sinceMs)}; ${streaming.value.leads ? "this tab reads it" : "another tab reads it"}`} />
      <${Figure} name="Facts since open" value=${counted(told.value)} />
      <${Figure} name="Service" value=${data?.version ?? "–"} under=${`${data?.app_id ?? ""}, ${data?.ready ? "ready" : "not ready"}`} atMs=${atMs} staleMs=${8000} />
    <//>
    <${Workers} />
    <${Panel} title="What this service has read" asked=${asked} staleMs=${8000} path="/v1/meta" command="liveprofile topics check">
      <div class="scroll" tabindex="0" role="region" aria-label="Topics and their partitions"><table><thead><tr><th>Topic</th><th class="num">Records/s</th><th class="num">Offset</th><th>Partitions</th></tr></thead>
        <tbody>${topics.map((one) => html`<tr key=${one.topic}><td class="mono">${one.topic}</td><td class="num">${rates[one.topic] === undefined ? "…" : short(rates[one.topic], 2)}</td><td class="num">${counted(one.places.reduce((sum, place) => sum + place.offset + 1, 0))}</td>
          <td><div class="tiles">${one.places.map((place) => html`<${Tile} key=${place.partition} place=${place} />`)}</div></td></tr>`)}</tbody></table></div>
    <//>
    ${unreadable.length ? html`<${Panel} title="Records that could not be read" atMs=${atMs}><ul class="plain">${unreadable.map(([topic, count]) => html`<li key=${topic} class="mono">${topic}: ${counted(Number(count))}</li>`)}</ul><//>` : null}`;
}

/** @param {{ place: Place }} props */
function Tile({ place }) {
  const tone = place.ageS === null ? "calm" : place.ageS > LATE_S ? "warn" : "good";
  const words = place.ageS === null ? "empty" : `${place.ageS > LATE_S ? "▲ " : ""}${place.ageS.toFixed(1)} s`;
  return html`<span class=${`tile ${tone}`} title=${`partition ${place.partition} at offset ${place.offset}`}>${place.partition}: ${words}</span>`;
}

/** @param {{ position: string, age_s: number | null }[]} positions */
function byTopic(positions) {
  /** @type {Map<string, Place[]>} */
  const found = new Map();
  for (const one of positions) {
    const [, topic = "", partition, offset] = /^(.*)\/(\d+)@(-?\d+)$/.exec(one.position) ?? [];
    if (!found.has(topic)) found.set(topic, []);
    found.get(topic)?.push({ partition: Number(partition), offset: Number(offset), ageS: one.age_s });
  }
  return [...found].map(([topic, places]) => ({ topic, places }));
}

/** Records a second since the view was opened, at most the last half minute. @param {{ topic: string, places: Place[] }[]} topics @param {number} atMs */
function useRates(topics, atMs) {
  const seen = useRef(/** @type {{ atMs: number, sums: Record<string, number> }[]} */ ([]));
  const last = seen.current.at(-1);
  if (atMs && last?.atMs !== atMs) {
    seen.current.push({ atMs, sums: Object.fromEntries(topics.map((one) => [one.topic, one.places.reduce((sum, place) => sum + place.offset, 0)])) });
    if (seen.current.length > 15) seen.current.shift();
  }
  const [first] = seen.current;
  const newest = seen.current.at(-1);
  if (!first || !newest || first === newest) return {};
  const seconds = (newest.atMs - first.atMs) / 1000;
  return /** @type {Record<string, number>} */ (Object.fromEntries(Object.entries(newest.sums).map(([topic, sum]) => [topic, (sum - (first.sums[topic] ?? sum)) / seconds])));
}
