/** A panel: title, the age of what it shows, the same as command and as curl, and its states. */
import { html, useState } from "../vendor/vendor.js";
import { now } from "../state/clock.js";
import { Boundary } from "./boundary.js";
import { age, atClock } from "./words.js";

const STALE_MS = 15_000;

/**
 * @typedef {object} Asked what a panel shows the states of
 * @property {any} data
 * @property {number} atMs
 * @property {import("../state/api.js").Problem | null} problem
 * @property {boolean} loading
 * @property {() => void} [reload]
 */

/**
 * @param {object} props
 * @param {string} props.title
 * @param {string} [props.path] of the interface, for curl
 * @param {string} [props.curl] the whole command, where it is no plain read
 * @param {string} [props.command] of liveprofile
 * @param {number} [props.atMs] when it was true
 * @param {Asked} [props.asked] whose states are shown; its data is the panel's
 * @param {number} [props.staleMs]
 * @param {unknown} [props.tools] beside the title
 * @param {unknown} [props.filters] below it, whatever there is to show
 * @param {string} [props.empty] what is said where there is nothing
 * @param {boolean} [props.isEmpty]
 * @param {string} [props.class]
 * @param {unknown} [props.children]
 */
export function Panel(props) {
  const { title, asked, path, command } = props;
  const atMs = props.atMs ?? asked?.atMs ?? 0;
  const curl = props.curl ?? (path ? `curl -s '${location.origin}${path}'` : "");
  const nothing = asked !== undefined && asked.data === undefined;
  return html`<section class=${`panel ${props.class ?? ""}`} aria-label=${title}>
    <header class="panel-head">
      <h2>${title}</h2>
      ${props.tools ?? null}
      <span class="panel-side">
        ${atMs ? html`<${Age} atMs=${atMs} staleMs=${asked?.problem ? 0 : (props.staleMs ?? Infinity)} />` : null}
        ${curl ? html`<${Copy} text=${curl} label="curl" what=${`${title} as curl`} />` : null}
        ${command ? html`<${Copy} text=${command} label="cmd" what=${`${title} as command`} />` : null}
      </span>
    </header>
    ${props.filters ? html`<div class="filters">${props.filters}</div>` : null}
    ${asked?.problem ? html`<${Failed} problem=${asked.problem} kept=${!nothing} reload=${asked.reload} />` : null}
    ${nothing ? (asked.loading ? html`<${Loading} />` : null) : props.isEmpty ? html`<${Empty}>${props.empty}<//>` : html`<${Boundary}>${props.children}<//>`}
  </section>`;
}

/** The age of a figure. @param {{ atMs: number, staleMs?: number }} props */
export function Age({ atMs, staleMs = STALE_MS }) {
  const ms = now.value - atMs;
  const stale = ms > staleMs;
  return html`<time class=${stale ? "age stale" : "age"} dateTime=${new Date(atMs).toISOString()} title=${`as of ${atClock(atMs)}`}>
    ${stale ? "⚠ " : ""}${ms < 1500 ? "now" : `${age(ms)} ago`}
  </time>`;
}

/** Copies a text. @param {{ text: string, label: string, what: string }} props */
export function Copy({ text, label, what }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      prompt(what, text); // without a safe connection a page may not write the clipboard
    }
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class="copy" title=${text} aria-label=${`${done ? "copied" : label}: copy ${what}`} onClick=${copy}>
    ${done ? "copied" : label}
  </button>`;
}

/** Grey lines in place of what comes. */
export function Loading() {
  return html`<div class="loading" role="status"><span class="unseen">Loading</span><i></i><i></i><i></i></div>`;
}

/** @param {{ children?: unknown }} props */
export function Empty({ children }) {
  return html`<p class="empty">${children ?? "Nothing yet."}</p>`;
}

/** @param {{ problem: import("../state/api.js").Problem, kept?: boolean, reload?: (() => void) | undefined }} props */
export function Failed({ problem, kept = false, reload }) {
  if (problem.isMissing) {
    return html`<div class="note"><strong>This service does not answer this question.</strong> It is an older one, or the part is switched off.</div>`;
  }
  const passing = problem.status === 503 || problem.status === 0;
  return html`<div class=${passing ? "note warn" : "note bad"} role="alert">
    <strong>${problem.title}.</strong> ${problem.detail} ${kept ? "What stands here is from before." : ""}
    ${reload && !passing ? html` <button type="button" class="quiet" onClick=${reload}>Ask again</button>` : null}
  </div>`;
}
