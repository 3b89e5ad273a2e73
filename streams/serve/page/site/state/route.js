/** Where the page is: the hash of the address has all of it, so that an address shows a colleague the same. */
import { signal } from "../vendor/vendor.js";

/**
 * @typedef {object} Route
 * @property {string} view
 * @property {string} id what the view is about, as a profile id; or empty
 * @property {Record<string, string>} query filters, the version, what is selected
 */

/** @param {string} hash @returns {Route} */
export function routeOf(hash) {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", id = ""] = path.split("/").map(safely);
  return { view: view || "now", id, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a view. @param {string} view @param {string} [id] @param {Record<string, string | undefined>} [query] */
export function hashOf(view, id = "", query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const tail = new URLSearchParams(/** @type {[string, string][]} */ (kept)).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${tail ? `?${tail}` : ""}`;
}

/** @type {import("../vendor/vendor.js").Signal<Route>} */
export const route = signal(routeOf(location.hash));

addEventListener("hashchange", () => {
  route.value = routeOf(location.hash);
});

/** Go to a view; it is a step of the browser's history. @type {typeof hashOf} */
export function go(view, id, query) {
  const hash = hashOf(view, id, query);
  location.hash = hash;
  return hash;
}

/** Change filters of this view; not a step of the history. @param {Record<string, string | undefined>} changed */
export function filterBy(changed) {
  const { view, id, query } = route.value;
  const hash = hashOf(view, id, { ...query, ...changed });
  history.replaceState(null, "", hash);
  route.value = routeOf(hash);
}

/** @param {string} text */
function safely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
