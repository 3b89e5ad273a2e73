/** How values are written: ages, times, numbers, ids, topics. */

/** An age: "now", "4 s", "3 min", "2 h", "5 d". @param {number} ms */
export function age(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1.5) return "now";
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A duration of milliseconds. @param {number} ms */
export function took(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : age(ms);
}

const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });

/** The time of the day. @param {number} ms */
export const atClock = (ms) => clockTime.format(ms);

/** Day and time. @param {string | number | null | undefined} time */
export function atTime(time) {
  const ms = typeof time === "number" ? time : Date.parse(String(time));
  return Number.isFinite(ms) ? dayTime.format(ms) : "never";
}

/** The day. @param {string} time */
export function onDay(time) {
  return Number.isFinite(Date.parse(time)) ? day.format(Date.parse(time)) : "";
}

/** A count with separators. @param {number | null | undefined} count */
export function counted(count) {
  return typeof count === "number" ? count.toLocaleString("en-GB", { maximumFractionDigits: 0 }) : "–";
}

/** A number with few digits. @param {unknown} value @param {number} [digits] */
export function short(value, digits = 3) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  return Number.isInteger(value) ? counted(value) : String(Number(value.toPrecision(digits)));
}

/** A share of one as per cent. @param {number | null | undefined} share */
export function percent(share) {
  if (typeof share !== "number") return "–";
  const hundred = share * 100;
  return `${hundred !== 0 && hundred < 10 ? hundred.toFixed(1) : Math.round(hundred)}%`;
}

/** One or several. @param {number} count @param {string} one @param {string} [several] */
export function plural(count, one, several = `${one}s`) {
  return `${counted(count)} ${count === 1 ? one : several}`;
}

/** The beginning of an id, which is enough to tell it from others. @param {string} id */
export const shortId = (id) => id.slice(0, 8);

/** A topic by its last part: "fashion/women/dresses" is dresses; a slot may have none yet. @param {string | null | undefined} topic */
export function topicName(topic) {
  if (!topic) return "no topic yet";
  return (topic.split("/").pop() || topic).replaceAll("-", " ");
}

/** Any value of a profile as text. @param {unknown} value @returns {string} */
export function valueWords(value) {
  if (value === null || value === undefined || value === "") return "none";
  if (Array.isArray(value)) return value.length ? value.map(valueWords).join(", ") : "none";
  if (typeof value === "number") return short(value);
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([name, one]) => `${name} ${valueWords(one)}`);
    return parts.length ? parts.join(", ") : "none";
  }
  return String(value);
}

/** A message in two parts: what changed, and why. @param {string} message @returns {[string, string]} */
export function split(message) {
  const at = message.indexOf(": ");
  if (at >= 0) return [message.slice(0, at + 1), message.slice(at + 2)];
  const wide = message.indexOf("\uff1a"); // the colon of Chinese texts
  return wide < 0 ? [message, ""] : [message.slice(0, wide + 1), message.slice(wide + 1)];
}
