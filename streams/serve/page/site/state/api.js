/** Asks the service, and tells problems by their kind. */

/**
 * @template T
 * @typedef {object} Answer
 * @property {T} data
 * @property {number} atMs when it was true: the time of the answer, less the age that the service tells
 */

/** What the service refused, or that it was not reached (status 0). */
export class Problem extends Error {
  /** @param {number} status @param {string} title @param {string} detail @param {string} [kind] @param {number} [retryS] */
  constructor(status, title, detail, kind = "", retryS = 0) {
    super(detail);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.kind = kind;
    this.retryS = retryS;
  }

  /** Whether this service has no such route: it is older than the page, or the route is switched off. */
  get isMissing() {
    return (this.status === 404 && this.detail === "There is no such page.") || this.status === 405;
  }
}

/** Called with each refusal for want of a token. @type {{ run: () => void }} */
export const onNoToken = { run: () => {} };

/**
 * Ask for JSON.
 * @param {string} path @param {{ method?: string, body?: unknown, signal?: AbortSignal, headers?: Record<string, string> }} [options]
 * @returns {Promise<Answer<any>>}
 */
export async function ask(path, options = {}) {
  const { method = "GET", body, signal } = options;
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...options.headers };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const sent = body === undefined ? null : JSON.stringify(body);
    answer = await fetch(path, { method, headers, body: sent, signal: signal ?? null, credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The service does not answer", "It may be stopped, or the network is away. The page asks again by itself.");
  }
  if (!answer.ok) throw await problemOf(answer);
  const ageS = Number(answer.headers.get("Age") ?? 0);
  const data = answer.status === 204 ? null : await answer.json();
  return { data, atMs: Date.now() - ageS * 1000 };
}

/** @param {Response} answer */
async function problemOf(answer) {
  const retryS = Number(answer.headers.get("Retry-After") ?? 0);
  /** @type {any} */
  let details = {};
  try {
    details = await answer.json();
  } catch {
    details = {};
  }
  const kind = String(details.type ?? "").split("/").pop() ?? "";
  if (answer.status === 401) onNoToken.run();
  const title = details.title ?? `Status ${answer.status}`;
  return new Problem(answer.status, title, details.detail ?? answer.statusText, kind, retryS);
}
