/** Stacked areas over time: each area has a line of its own dash, so that they are told apart without colours. */
import { html } from "../vendor/vendor.js";
import { atClock } from "./words.js";

/** Lines of axes: the first that fits the largest value is taken. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000];
const LINES = 4;
const LABELS = 6;

/** The value of a colour of the style, for what is drawn on a canvas. @param {string} name */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * @param {object} props
 * @param {string} props.label the chart in words
 * @param {number[]} props.times in seconds, evenly spaced
 * @param {{ colour: string, dash: string, values: (number | null)[] }[]} props.areas each lies on those after it; null is unknown
 */
export function Areas({ label, times, areas }) {
  const most = Math.max(1, ...areas.flatMap(({ values }) => values.map((one) => one ?? 0)));
  const step = STEPS.find((one) => one * LINES >= most) ?? most / LINES;
  const top = Math.ceil(most / step) * step;
  const x = (/** @type {number} */ at) => (100 * at) / Math.max(1, times.length - 1);
  const y = (/** @type {number} */ value) => 100 - (100 * value) / top;
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => at * step);
  const every = Math.ceil(times.length / LABELS);
  return html`<div class="chart" role="img" aria-label=${label}>
    <div class="chart-y" aria-hidden="true">${lines.map((value) => html`<span key=${value} style=${{ top: `${y(value)}%` }}>${value}</span>`)}</div>
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      ${lines.map((value) => html`<line key=${value} x1="0" x2="100" y1=${y(value)} y2=${y(value)} class="chart-line" />`)}
      ${areas.map(({ colour: name, dash, values }, at) => {
        const known = values.flatMap((value, place) => (value === null ? [] : [`${x(place)},${y(value)}`]));
        if (known.length < 2) return null;
        const first = values.findIndex((value) => value !== null);
        const color = `var(--${name})`;
        return html`<g key=${at}><polygon points=${`${x(first)},100 ${known.join(" ")} 100,100`} style=${{ fill: color, fillOpacity: "0.16" }} />
          <polyline points=${known.join(" ")} stroke-dasharray=${dash} style=${{ stroke: color }} /></g>`;
      })}
    </svg>
    <div class="chart-x" aria-hidden="true">${times.map((time, at) => (at % every === 0 && at ? html`<span key=${time} style=${{ left: `${x(at)}%` }}>${atClock(time * 1000)}</span>` : null))}</div>
  </div>`;
}
