/** What the service says of itself: ready, how far, how old; asked every two seconds. */
import { signal } from "../vendor/vendor.js";
import { ask, Problem } from "./api.js";

const EVERY_MS = 2000;

/**
 * @typedef {object} Meta
 * @property {any} data the last answer; null before the first
 * @property {number} atMs
 * @property {Problem | null} problem why the last question was not answered
 */

/** @type {import("../vendor/vendor.js").Signal<Meta>} */
export const meta = signal({ data: null, atMs: 0, problem: null });

/** The oldest age of a partition in seconds; null before one is known. */
export function lagS() {
  const ages = (meta.value.data?.positions ?? []).map((/** @type {any} */ one) => one.age_s);
  const known = ages.filter((/** @type {any} */ age) => typeof age === "number");
  return known.length ? Math.max(...known) : null;
}

/** Ask from now on, while the page is seen. */
export function startMeta() {
  const run = async () => {
    if (!document.hidden || meta.value.data === null) {
      try {
        meta.value = { ...(await ask("/v1/meta")), problem: null };
      } catch (error) {
        if (error instanceof Problem) meta.value = { ...meta.value, problem: error };
      }
    }
    setTimeout(run, EVERY_MS);
  };
  void run();
}
