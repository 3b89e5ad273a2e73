/** The map: a dot a shopper, a label a cluster; a frame drawn with the pointer chooses those in it. */
import { html, useEffect, useRef, useState } from "../vendor/vendor.js";
import { hashOf } from "../state/route.js";
import { theme } from "../state/theme.js";
import { colour } from "./chart.js";
import { plural, shortId } from "./words.js";

const HUES = ["k-interest", "k-spend", "k-segment", "k-chance", "k-anomaly", "k-trait"];
const SHAPES = 3;

/** @typedef {{ x: number, y: number, cluster: number | null, profile_id: string }} Point */
/** @typedef {{ x0: number, y0: number, x1: number, y1: number }} Frame in parts of the map, 0 to 1 */

/** @param {{ map: { points: Point[], medoids?: { cluster: number, name: string, x: number, y: number }[] } }} props */
export function ClusterMap({ map }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [frame, setFrame] = useState(/** @type {Frame | null} */ (null));
  const xs = map.points.map((one) => one.x);
  const ys = map.points.map((one) => one.y);
  const range = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = (/** @type {{ x: number, y: number }} */ one) => [part(one.x, range[0], range[1]), part(one.y, range[2], range[3])];
  useEffect(() => {
    if (canvas.current) draw(canvas.current, map, place, frame);
  }, [map, frame, theme.value]);
  const chosen = frame ? map.points.filter((one) => inside(place(one), frame)) : [];
  const at = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  return html`<canvas class="map" ref=${canvas} role="img" aria-label=${`Map of ${plural(map.points.length, "shopper")} in ${plural(map.medoids?.length ?? 0, "cluster")}; the list beside it has the same sizes`}
      onPointerDown=${(/** @type {any} */ event) => { const [x = 0, y = 0] = at(event); setFrame({ x0: x, y0: y, x1: x, y1: y }); event.currentTarget.setPointerCapture(event.pointerId); }}
      onPointerMove=${(/** @type {any} */ event) => { if (!event.buttons || !frame) return; const [x = 0, y = 0] = at(event); setFrame({ ...frame, x1: x, y1: y }); }}></canvas>
    <p class="dim small">${chosen.length ? `${plural(chosen.length, "shopper")} in the frame: ` : "Draw a frame to choose shoppers."}${chosen.slice(0, 12).map((one) => html`<a class="id" key=${one.profile_id} href=${hashOf("shopper", one.profile_id)}>${shortId(one.profile_id)}</a> `)}</p>`;
}

/** @param {number} value @param {number} [least] @param {number} [most] */
function part(value, least = 0, most = 1) {
  return 0.04 + 0.92 * ((value - least) / (most - least || 1));
}

/** @param {number[]} spot @param {Frame} frame */
function inside([x = 0, y = 0], { x0, x1, y0, y1 }) {
  return x >= Math.min(x0, x1) && x <= Math.max(x0, x1) && y >= Math.min(y0, y1) && y <= Math.max(y0, y1);
}

/**
 * @param {HTMLCanvasElement} canvas @param {{ points: Point[], medoids?: any[] }} map
 * @param {(one: { x: number, y: number }) => number[]} place @param {Frame | null} frame
 */
function draw(canvas, map, place, frame) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(ratio, ratio);
  for (const one of map.points) {
    const [x = 0, y = 0] = place(one);
    pen.fillStyle = one.cluster === null ? colour("line-strong") : colour(HUES[one.cluster % HUES.length] ?? "act");
    dot(pen, x * width, y * height, Math.floor((one.cluster ?? 0) / HUES.length) % SHAPES);
  }
  pen.font = "600 12px system-ui";
  pen.textAlign = "center";
  for (const one of map.medoids ?? []) {
    const [x = 0, y = 0] = place(one);
    pen.lineWidth = 4;
    pen.strokeStyle = colour("raised");
    pen.strokeText(one.name, x * width, y * height - 8);
    pen.fillStyle = colour("ink");
    pen.fillText(one.name, x * width, y * height - 8);
  }
  if (frame) {
    pen.strokeStyle = colour("act");
    pen.lineWidth = 1.5;
    pen.strokeRect(frame.x0 * width, frame.y0 * height, (frame.x1 - frame.x0) * width, (frame.y1 - frame.y0) * height);
  }
}

/** Shapes repeat the colours, so that no two clusters look the same to a colour-blind eye. @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} shape */
function dot(pen, x, y, shape) {
  pen.beginPath();
  if (shape === 0) pen.arc(x, y, 2.6, 0, 7);
  else if (shape === 1) pen.rect(x - 2.4, y - 2.4, 4.8, 4.8);
  else {
    pen.moveTo(x, y - 3.4);
    pen.lineTo(x + 3.2, y + 2.6);
    pen.lineTo(x - 3.2, y + 2.6);
  }
  pen.fill();
}
