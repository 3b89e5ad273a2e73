/** Bars: a name, a length, and the value in figures, since a length alone tells nobody a number. */
import { html } from "../vendor/vendor.js";
import { percent, short } from "./words.js";

/**
 * @param {{ rows: { name: unknown, value: number, words?: unknown, tone?: string, key?: string }[], most?: number, share?: boolean }} props
 *   `most` is the value of a whole bar; the largest by default
 */
export function Bars({ rows, most, share = false }) {
  const whole = most ?? Math.max(...rows.map((one) => Math.abs(one.value)), 1e-9);
  return html`<div class="bars" role="list">${rows.map(({ name, value, words, tone = "", key }) => html`
    <div class="bars-row" role="listitem" key=${key ?? name}>
      <span class="name">${name}</span>
      <${Bar} share=${Math.abs(value) / whole} tone=${value < 0 ? "off" : tone} />
      <span class="num">${words ?? (share ? percent(value) : short(value))}</span>
    </div>`)}</div>`;
}

/** One bar. @param {{ share: number, tone?: string }} props */
export function Bar({ share, tone = "" }) {
  return html`<span class=${`bar ${tone}`} aria-hidden="true"><i style=${{ width: `${Math.min(100, Math.max(0, share * 100))}%` }}></i></span>`;
}

/** Severity, 0 to 100, as number, length and tone. @param {{ value: number }} props */
export function Severity({ value }) {
  const tone = value >= 80 ? "bad" : value >= 50 ? "warn" : "";
  return html`<span class="severity" title=${`severity ${value} of 100`}><span class="num"><span class="unseen">severity </span>${value}</span><${Bar} share=${value / 100} tone=${tone} /></span>`;
}
