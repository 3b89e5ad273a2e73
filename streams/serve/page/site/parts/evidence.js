/** Evidence: the few events that caused a change, where they stand on Kafka, and how much each counted. */
import { html } from "../vendor/vendor.js";
import { Bar } from "./bars.js";
import { atClock, atTime, short } from "./words.js";

/** @param {{ rows: any[] }} props */
export function Evidence({ rows }) {
  if (!rows.length) return html`<p class="dim">No event: time alone, or a rule.</p>`;
  const most = Math.max(...rows.map((one) => Math.abs(one.contribution)), 1e-9);
  return html`<div class="scroll"><table>
    <thead><tr><th>Event</th><th>When</th><th>Record</th><th class="num">Counted</th></tr></thead>
    <tbody>${rows.map((one) => html`<tr key=${one.source}>
      <td>${what(one.events)}</td>
      <td class="nowrap" title=${atTime(one.ts)}>${Date.parse(one.ts) ? atClock(Date.parse(one.ts)) : ""}</td>
      <td class="mono small">${one.source}</td>
      <td class="num"><span class="tiny"><${Bar} share=${Math.abs(one.contribution) / most} />${short(one.contribution)}</span></td>
    </tr>`)}</tbody></table></div>`;
}

/** What the record says, where it is still on Kafka. @param {any[] | null | undefined} events */
function what(events) {
  const [first] = events ?? [];
  if (!first) return html`<span class="dim">not looked up</span>`;
  return html`<strong>${first.action}</strong> <bdi>${first.title ?? first.category ?? ""}</bdi>${events && events.length > 1 ? html` <span class="dim">and ${events.length - 1} more</span>` : null}`;
}
