/** What rules would do: who enters and leaves each segment and lifecycle state, with examples; and what cannot be tried. */
import { html } from "../vendor/vendor.js";
import { hashOf } from "../state/route.js";
import { counted, plural, shortId } from "./words.js";

/** @typedef {{ now: number, then: number, enter: number, leave: number, entering: string[], leaving: string[] }} Step */

/** @param {{ tried: { rules: string, profiles: number, of: number, seconds: number, segments: Record<string, Step>, lifecycle: Record<string, Step>, not_tried: Record<string, string[]> } }} props */
export function Preview({ tried }) {
  /** @type {[string, Step][]} */
  const rows = [...Object.entries(tried.segments), ...Object.entries(tried.lifecycle).map(([name, step]) => /** @type {[string, Step]} */ ([`lifecycle ${name}`, step]))];
  const moving = rows.filter(([, one]) => one.enter || one.leave);
  const not = Object.entries(tried.not_tried);
  return html`<section class="stack tight" aria-label="Who would move"><h3>Who would move</h3>
    <p class="dim small">${counted(tried.profiles)} of ${plural(tried.of, "shopper")}${tried.profiles < tried.of ? ", a random part: the time was over" : ""}, in ${tried.seconds} s, by their published values.</p>
    ${moving.length ? html`<ul class="plain lines">${moving.map(([name, one]) => html`<li key=${name}><div class="filters"><strong>${name}</strong><span class="dim">${counted(one.now)} → ${counted(one.then)}</span></div>
      <${Moves} sign="+" words="enter" count=${one.enter} ids=${one.entering} /><${Moves} sign="−" words="leave" count=${one.leave} ids=${one.leaving} /></li>`)}</ul>` : html`<p class="note good">Nobody would enter or leave.</p>`}
    ${not.length ? html`<div class="note warn"><strong>Not tried here</strong>, since snapshots do not have what they compare: ${not.map(([rule, features], at) => html`${at ? "; " : ""}<code>${rule}</code> (${features.join(", ")})`)}. <code>liveprofile segments preview</code> tries them on the workers' own state.</div>` : null}
  </section>`;
}

/** @param {{ sign: string, words: string, count: number, ids: string[] }} props */
function Moves({ sign, words, count, ids }) {
  if (!count) return null;
  return html`<details><summary>${sign}${counted(count)} ${words}</summary><div class="chips">${ids.map((one) => html`<a class="id small" key=${one} href=${hashOf("shopper", one)}>${shortId(one)}</a>`)}${count > ids.length ? html`<span class="dim small">and ${counted(count - ids.length)} more</span>` : null}</div></details>`;
}
