/** A chart over time by uPlot, which is loaded with the first one; drawn again when its numbers or its theme change. */
import { html, useEffect, useRef } from "../vendor/vendor.js";
import { theme } from "../state/theme.js";
import { atClock } from "./words.js";

/** The value of a colour of the style. @param {string} name */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * @param {object} props
 * @param {string} props.label what a reader who sees no chart is told
 * @param {(string | number)[]} props.shape what the series are: when it changes, the chart is made anew
 * @param {() => object[]} props.series of uPlot, without that of the time
 * @param {(number | null)[][]} props.data seconds, then a row for each series
 * @param {object[]} [props.bands]
 * @param {number} [props.height]
 * @param {(value: number) => string} [props.format] of the axis
 */
export function Chart({ label, shape, series, data, bands = [], height = 190, format = String }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const drawn = useRef(/** @type {any} */ (null));
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let gone = false;
    const sized = new ResizeObserver(() => drawn.current?.setSize({ width: place.current?.clientWidth ?? 300, height }));
    void import("../vendor/chart.js").then(({ default: Plot }) => {
      if (gone || !place.current) return;
      addStyle();
      const axis = { stroke: colour("ink-3"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
      const options = {
        width: place.current.clientWidth,
        height,
        padding: /** @type {any} */ ([8, 26, 0, 0]),
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales: { x: { time: true }, y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ most) => [0, Math.max(1, most * 1.1)] } },
        axes: [{ ...axis, size: 26, space: 80, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map((tick) => atClock(tick * 1000)) }, { ...axis, size: 44, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(format) }],
        series: [{}, ...series()],
        bands,
      };
      drawn.current = new Plot(/** @type {any} */ (options), /** @type {any} */ (latest.current), place.current);
      sized.observe(place.current);
    });
    return () => {
      gone = true;
      sized.disconnect();
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [theme.value, ...shape]);
  useEffect(() => drawn.current?.setData(data), [data]);
  return html`<div class="chart" role="img" aria-label=${label} ref=${place}></div>`;
}

function addStyle() {
  const href = new URL("../vendor/chart.css", import.meta.url).pathname;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
}
