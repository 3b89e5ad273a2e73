/** The life of an anomaly over the changes of its shopper: score by time, raised, updated, cleared. */
import { html } from "../vendor/vendor.js";
import { atClock, atTime } from "./words.js";

const WIDTH = 720;
const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 16;
const TOP = 12;
const FLOOR = 104;
const SIGNS = /** @type {Record<string, string>} */ ({ raised: "▲", updated: "●", cleared: "▼" });

/** @param {{ steps: any[], moments: any[] }} props the oldest step first; changes of the timeline */
export function Life({ steps, moments }) {
  const times = steps.map((one) => Date.parse(one.last_seen));
  const began = Date.parse(steps[0]?.first_seen ?? "");
  const around = moments.map((one) => Date.parse(one.time)).filter((ms) => ms >= began - 3_600_000);
  const from = Math.min(began, ...around.slice(-40));
  const until = Math.max(...times, ...around, from + 1000);
  const x = (/** @type {number} */ ms) => LEFT + ((Math.max(ms, from) - from) / (until - from)) * (WIDTH - LEFT - RIGHT);
  const most = Math.max(...steps.map((one) => one.score), 1);
  const y = (/** @type {number} */ score) => FLOOR - (Math.max(0, score) / most) * (FLOOR - TOP);
  const line = steps.map((one, at) => `${x(times[at] ?? 0)},${y(one.score)}`);
  const label = steps.map((one) => `${one.state} at ${atTime(one.last_seen)} with score ${one.score}`).join("; ");
  return html`<svg class="life" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${`Life of the anomaly: ${label}`}>
    ${[0, 0.5, 1].map((part) => html`<g key=${part}><line x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(most * part)} y2=${y(most * part)} stroke="var(--line)" /><text x=${LEFT - 6} y=${y(most * part) + 4} text-anchor="end">${(most * part).toFixed(1)}</text></g>`)}
    <polyline points=${[`${x(began)},${FLOOR}`, ...line].join(" ")} fill="none" stroke="var(--bad)" stroke-width="2" />
    ${steps.map((one, at) => html`<text key=${at} x=${x(times[at] ?? 0)} y=${y(one.score) + 5} text-anchor="middle" class="life-sign" style=${{ fill: "var(--bad)", fontSize: "14px" }}>${SIGNS[one.state] ?? "●"}<title>${one.state} ${atTime(one.last_seen)}, score ${one.score}</title></text>`)}
    ${moments.filter((one) => Date.parse(one.time) >= from).map((one, at) => html`<line key=${at} x1=${x(Date.parse(one.time))} x2=${x(Date.parse(one.time))} y1=${FLOOR + 8} y2=${FLOOR + 20} stroke=${one.kind === "anomaly" ? "var(--bad)" : "var(--act)"} stroke-width="2"><title>${atTime(one.time)} ${one.words}</title></line>`)}
    <text x=${LEFT} y=${HEIGHT - 6}>${atClock(from)}</text><text x=${WIDTH - RIGHT} y=${HEIGHT - 6} text-anchor="end">${atClock(until)}</text>
    <text x=${(WIDTH + LEFT) / 2} y=${HEIGHT - 6} text-anchor="middle">▲ raised  ● updated  ▼ cleared; ticks below: what else happened</text>
  </svg>`;
}
