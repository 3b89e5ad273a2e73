/** One fact of the feed in words: when, who, what kind, what changed and why. */
import { html } from "../vendor/vendor.js";
import { hashOf } from "../state/route.js";
import { kindNamed } from "./kinds.js";
import { atClock, shortId, split } from "./words.js";

/** Where a fact leads. @param {import("../state/feed.js").Fact} fact */
export function hrefOf(fact) {
  if (fact.anomalyId) return hashOf("case", fact.anomalyId);
  return hashOf("shopper", fact.profileId, fact.version === null ? {} : { v: String(fact.version) });
}

/** @param {{ fact: import("../state/feed.js").Fact, at: boolean }} props */
export function FactRow({ fact, at }) {
  return html`<a class="row" href=${hrefOf(fact)} aria-current=${at ? "true" : null}>
    <time class="dim small" dateTime=${new Date(fact.timeMs).toISOString()}>${atClock(fact.timeMs)}</time>
    <span class="id">${shortId(fact.profileId)}</span>
    <${Sign} kind=${fact.kind} />
    <${Words} message=${fact.message} />
  </a>`;
}

/** The sign of a kind. @param {{ kind: string }} props */
export function Sign({ kind }) {
  const { sign, words } = kindNamed(kind);
  return html`<i class=${`kind k-${kind}`} role="img" aria-label=${words} title=${words}>${sign}</i>`;
}

/** A message in its two parts. @param {{ message: string }} props */
export function Words({ message }) {
  const [what, why] = split(message);
  return html`<span class="what-why"><span class="what" dir="auto">${what}</span> <span class="why" dir="auto">${why}</span></span>`;
}
