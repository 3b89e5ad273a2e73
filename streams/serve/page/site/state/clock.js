/** The time that ages are told by: a signal that moves once a second while the page is seen. */
import { signal } from "../vendor/vendor.js";

/** Milliseconds since 1970, a second at a time. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = Date.now();
});
