/** Light, dark, or as the system is; kept in this browser. */
import { signal } from "../vendor/vendor.js";

const KEY = "liveprofile-theme";
const ORDER = /** @type {const} */ (["system", "light", "dark"]);

/** The theme that was chosen. */
export const theme = signal(kept());

function kept() {
  const found = localStorage.getItem(KEY);
  return ORDER.find((one) => one === found) ?? "system";
}

/** Show the page in the theme. */
export function applyTheme() {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

/** Take the next theme. */
export function nextTheme() {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? "system";
  localStorage.setItem(KEY, theme.value);
  applyTheme();
}
