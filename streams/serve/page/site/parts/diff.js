/** Lines that went and lines that came, by the longest common part. */
import { html } from "../vendor/vendor.js";

const MOST_LINES = 400;

/** @param {string} before @param {string} after @returns {{ sign: " " | "+" | "-", line: string }[]} */
export function changed(before, after) {
  const a = before.split("\n").slice(0, MOST_LINES);
  const b = after.split("\n").slice(0, MOST_LINES);
  const length = a.map(() => new Uint16Array(b.length + 1));
  length.push(new Uint16Array(b.length + 1));
  const at = (/** @type {number} */ i, /** @type {number} */ j) => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      /** @type {Uint16Array} */ (length[i])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  /** @type {{ sign: " " | "+" | "-", line: string }[]} */
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: " ", line: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push({ sign: "-", line: a[i++] ?? "" });
    else lines.push({ sign: "+", line: b[j++] ?? "" });
  }
  return lines;
}

/** @param {{ before: string, after: string }} props */
export function Diff({ before, after }) {
  const lines = changed(before, after).filter(({ sign }) => sign !== " ");
  if (!lines.length) return html`<p class="dim">Nothing is changed yet.</p>`;
  return html`<pre class="diff" aria-label="What is changed">${lines.map(({ sign, line }, at) => html`<span key=${at} class=${sign === "+" ? "came" : "went"}>${sign} ${line}${"\n"}</span>`)}</pre>`;
}
