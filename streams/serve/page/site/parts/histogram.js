/** A small histogram, with names under some of its bars; the whole is said in words, too. */
import { html } from "../vendor/vendor.js";
import { short } from "./words.js";

/** @param {{ values: number[], label: string, names: (at: number) => string, every: number }} props */
export function Histogram({ values, label, names, every }) {
  const most = Math.max(...values, 0);
  if (!most) return html`<p class="dim small">${label}: nothing yet</p>`;
  const peak = values.indexOf(most);
  return html`<div class="histogram" role="img" aria-label=${`${label}; most at ${names(peak)}`}>
    <p class="dim small">${label}</p>
    <div>${values.map((value, at) => html`<span key=${at} title=${`${names(at)}: ${short(value)}`}><i style=${{ height: `${Math.round((value / most) * 44) + (value ? 2 : 0)}px` }}></i><b>${at % every === 0 ? names(at) : ""}</b></span>`)}</div>
  </div>`;
}
