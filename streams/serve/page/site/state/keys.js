/** Keys: each view says what its keys do while it is shown; `?` shows them all. */
import { useEffect } from "../vendor/vendor.js";

/** @typedef {{ key: string, does: string, run: (event: KeyboardEvent) => void }} Key */

/** @type {Key[][]} */
const layers = [];

/** The keys that work now, the nearest first. */
export function keysNow() {
  return layers.toReversed().flat();
}

/** Keys of a component, as long as it is shown. @param {Key[]} keys @param {unknown[]} [by] what they depend on */
export function useKeys(keys, by = []) {
  useEffect(() => {
    layers.push(keys);
    return () => {
      layers.splice(layers.indexOf(keys), 1);
    };
  }, by);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target instanceof HTMLElement ? event.target : null;
  const types = at !== null && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
  if (types && event.key !== "Escape") return;
  if (event.key === "Enter" && at?.closest("a, button, summary")) return;
  if (document.querySelector("dialog[open]")) return; // the dialog has its own
  const found = keysNow().find((one) => one.key === event.key);
  if (!found) return;
  event.preventDefault();
  found.run(event);
});
