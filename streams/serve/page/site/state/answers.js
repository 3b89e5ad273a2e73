/** Keeps the answer to a question for a view: loading, there, out of date, or failed; asks again by itself. */
import { signal, useEffect, useMemo } from "../vendor/vendor.js";
import { ask, Problem } from "./api.js";

/**
 * @typedef {object} Kept
 * @property {any} data the last answer; undefined before the first
 * @property {number} atMs when it was true
 * @property {Problem | null} problem why it could not be asked again
 * @property {boolean} loading
 */

const RETRY_MS = 2000;

/**
 * The answer of a path, asked again every `everyMs` while the page is seen. What was answered stays while it is
 * asked again, and when that fails. A null path asks nothing.
 * @param {string | null} path @param {number} [everyMs]
 */
export function useAnswer(path, everyMs = 0) {
  const kept = useMemo(() => signal(/** @type {Kept} */ ({ data: undefined, atMs: 0, problem: null, loading: path !== null })), [path]);
  const again = useMemo(() => ({ run: () => {} }), [path]);
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const run = async () => {
      clearTimeout(timer);
      let nextMs = everyMs;
      if (!document.hidden || kept.value.data === undefined) {
        try {
          const { data, atMs } = await ask(path, { signal: stop.signal });
          kept.value = { data, atMs, problem: null, loading: false };
        } catch (error) {
          if (stop.signal.aborted) return;
          const problem = error instanceof Problem ? error : new Problem(-1, "The page failed", String(error));
          kept.value = { ...kept.value, problem, loading: false };
          nextMs = isPassing(problem) ? Math.max(RETRY_MS, problem.retryS * 1000) : problem.isMissing ? 0 : everyMs;
        }
      }
      if (nextMs && !stop.signal.aborted) timer = setTimeout(run, nextMs);
    };
    again.run = run;
    void run();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return { ...kept.value, reload: () => again.run() };
}

/** @param {Problem} problem */
function isPassing({ status }) {
  return status === 0 || status === 429 || status >= 500;
}
