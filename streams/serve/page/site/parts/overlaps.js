/** How many shoppers two segments share, as a table whose shade says what its figures say. */
import { html } from "../vendor/vendor.js";
import { useAnswer } from "../state/answers.js";
import { Panel } from "./panel.js";
import { percent } from "./words.js";

/** @param {{ sizes: Record<string, number> }} props */
export function Overlaps({ sizes }) {
  const asked = useAnswer("/v1/segments/overlap", 30_000);
  const names = Object.keys(sizes).filter((one) => sizes[one]).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0)).slice(0, 14);
  /** @type {Map<string, number>} */
  const both = new Map();
  for (const { segments: [a, b], both: count } of asked.data?.overlaps ?? []) {
    both.set(`${a} ${b}`, count);
    both.set(`${b} ${a}`, count);
  }
  const cell = (/** @type {string} */ row, /** @type {string} */ column) => {
    if (row === column) return html`<td key=${column} class="dim">–</td>`;
    const count = both.get(`${row} ${column}`) ?? 0;
    const share = sizes[row] ? count / sizes[row] : 0;
    return html`<td key=${column} style=${{ background: `color-mix(in srgb, var(--act) ${Math.round(share * 45)}%, var(--sheet))` }} title=${`${count} of ${row} are in ${column}`}>${share ? percent(share) : ""}</td>`;
  };
  return html`<${Panel} title="Overlap" asked=${asked} staleMs=${60_000} path="/v1/segments/overlap" isEmpty=${names.length < 2} empty="Two segments with members are needed.">
    <p class="dim small">Of those in the row, how many are in the column, too.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the overlap"><table class="matrix"><thead><tr><td></td>${names.map((one) => html`<th key=${one} scope="col"><span>${one}</span></th>`)}</tr></thead>
      <tbody>${names.map((row) => html`<tr key=${row}><th scope="row">${row}</th>${names.map((column) => cell(row, column))}</tr>`)}</tbody></table></div>
  <//>`;
}
