/** What a move between segments was caused by. */
import { html } from "../vendor/vendor.js";
import { counted } from "./words.js";

/** @type {Record<string, { sign: string, words: string }>} */
const CAUSES = {
  event: { sign: "●", words: "an event" },
  time: { sign: "◷", words: "time passed" },
  rules: { sign: "✎", words: "the rules were edited" },
  person: { sign: "☺", words: "the shopper's own word" },
};

/** @param {{ cause: string, rules?: string | null }} props */
export function Cause({ cause, rules }) {
  const { sign, words } = CAUSES[cause] ?? { sign: "", words: cause };
  return html`<span class=${cause === "rules" ? "chip strong" : "chip"}><span aria-hidden="true">${sign}</span> ${words}${rules ? `: ${rules}` : ""}</span>`;
}

/** How many entered and left a segment in a day, by cause. @param {{ name: string, causes: Record<string, Record<string, { entered: number, left: number }>> }} props */
export function Causes({ name, causes }) {
  const rows = Object.entries(causes).flatMap(([cause, names]) => (names[name] ? [{ cause, ...names[name] }] : []));
  if (!rows.length) return null;
  return html`<div class="chips" role="list" aria-label="What moved shoppers in a day">${rows.map(({ cause, entered, left }) => html`<span role="listitem" key=${cause}><${Cause} cause=${cause} /> <span class="num small">+${counted(entered)} −${counted(left)}</span></span>`)}</div>`;
}
