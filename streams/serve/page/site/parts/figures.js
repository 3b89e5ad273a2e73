/** A row of figures, each with its age. */
import { html } from "../vendor/vendor.js";
import { Age } from "./panel.js";

/** @param {{ label?: string, children?: unknown }} props */
export function Figures({ label = "Figures", children }) {
  return html`<dl class="figures" aria-label=${label}>${children}</dl>`;
}

/**
 * @param {{ name: string, value: unknown, unit?: string, under?: unknown, atMs?: number, staleMs?: number }} props
 */
export function Figure({ name, value, unit = "", under, atMs = 0, staleMs }) {
  const aged = staleMs === undefined ? { atMs } : { atMs, staleMs };
  return html`<div class="figure"><dt>${name}</dt>
    <dd>${value}${unit ? html` <small>${unit}</small>` : null}
      <div class="under">${under ? html`${under}${atMs ? " · " : ""}` : null}${atMs ? html`<${Age} ...${aged} />` : null}</div></dd>
  </div>`;
}
