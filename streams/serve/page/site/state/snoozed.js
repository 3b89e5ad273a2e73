/** Anomalies that somebody at this browser wants to see later; kept in this browser alone. */
import { signal } from "../vendor/vendor.js";

const KEY = "liveprofile-snoozed";

/** When each anomaly is shown again, in milliseconds. @type {import("../vendor/vendor.js").Signal<Record<string, number>>} */
export const snoozed = signal(kept());

/** @returns {Record<string, number>} */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(Object.entries(found).filter(([, until]) => Number(until) > Date.now()));
  } catch {
    return {};
  }
}

/** Hide an anomaly for a time. @param {string} anomalyId @param {number} ms */
export function snooze(anomalyId, ms) {
  snoozed.value = { ...snoozed.value, [anomalyId]: Date.now() + ms };
  localStorage.setItem(KEY, JSON.stringify(snoozed.value));
}
