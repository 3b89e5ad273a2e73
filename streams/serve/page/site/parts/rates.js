/** How many changes a second there are of each kind, stacked; each kind has its sign and its own line. */
import { html, useMemo } from "../vendor/vendor.js";
import { now } from "../state/clock.js";
import { bySecond, SECONDS } from "../state/feed.js";
import { Areas } from "./chart.js";
import { Sign } from "./fact-row.js";
import { KINDS } from "./kinds.js";
import { short } from "./words.js";

const STEP_S = 2;
const OPENED_MS = Date.now();
const DASHES = ["", "6 3", "2 2", "8 3 2 3", "1 3", ""];

export function Rates() {
  const second = Math.floor(now.value / 1000 / STEP_S) * STEP_S;
  const { times, rows, sums } = useMemo(() => stacked(second), [second]);
  const areas = KINDS.map(({ name }, place) => ({ colour: `k-${name}`, dash: DASHES[place] ?? "", values: rows[place] ?? [] }));
  const label = `Changes a second in the last two minutes: ${KINDS.map(({ name, words }) => `${words} ${short(sums[name] ?? 0)}`).join(", ")} in all.`;
  return html`<${Areas} label=${label} times=${times} areas=${areas} />
    <div class="legend">${KINDS.map(({ name, words }) => html`<span key=${name}><${Sign} kind=${name} /> ${words} <strong>${short(sums[name] ?? 0)}</strong></span>`)}<span class="dim">in two minutes</span></div>`;
}

/** Rows of sums: each kind lies on those after it, so that the first row is the whole. @param {number} until */
function stacked(until) {
  /** @type {number[]} */
  const times = [];
  /** @type {(number | null)[][]} */
  const rows = KINDS.map(() => []);
  /** @type {Record<string, number>} */
  const sums = {};
  for (let at = until - SECONDS; at < until; at += STEP_S) {
    times.push(at + STEP_S);
    let on = 0;
    for (let place = KINDS.length - 1; place >= 0; place -= 1) {
      const name = KINDS[place]?.name ?? "";
      let count = 0;
      for (let second = at; second < at + STEP_S; second += 1) count += bySecond.get(second)?.[name] ?? 0;
      sums[name] = (sums[name] ?? 0) + count;
      on += count / STEP_S;
      rows[place]?.push(at * 1000 < OPENED_MS ? null : on); // before that nobody counted
    }
  }
  return { times, rows, sums };
}
