/** Finds a shopper by a shop's own id, by a profile id, or by its beginning. Ids of shops go in a body, never in an address. */
import { html, useRef, useState } from "../vendor/vendor.js";
import { ask, Problem } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { go } from "../state/route.js";

const WHOLE = /^[0-9a-f]{32}$/;
const PART = /^[0-9a-f]{4,31}$/;

/** The profile id that a text means; null for none. @param {string} text @returns {Promise<string | null>} */
export async function found(text) {
  const lower = text.toLowerCase();
  if (WHOLE.test(lower)) return lower;
  if (PART.test(lower)) {
    const before = (BigInt(`0x${lower.padEnd(32, "0")}`) - 1n).toString(16).padStart(32, "0");
    const { data } = await ask(`/v1/profiles?after=${before.slice(-32)}&limit=1`);
    const [first] = data.profiles;
    if (first?.profile_id.startsWith(lower)) return first.profile_id;
  }
  for (const name of ["user_id", "anonymous_id"]) {
    try {
      return (await ask("/v1/profiles:lookup?fields=version", { method: "POST", body: { [name]: text } })).data.profile_id;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
  }
  return null;
}

/** The field at the head of the page. */
export function Search() {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [said, setSaid] = useState("");
  useKeys([{ key: "/", does: "find a shopper", run: () => field.current?.select() }]);
  const search = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    if (!text) return;
    setSaid("…");
    try {
      const id = await found(text);
      setSaid(id === null ? "No shopper has this id." : "");
      if (id !== null && field.current) {
        field.current.value = "";
        field.current.blur();
        go("shopper", id);
      }
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  return html`<form class="search" role="search" onSubmit=${search}>
    <input ref=${field} type="search" aria-label="Find a shopper by user id, anonymous id or profile id" placeholder="Find a shopper: user id or profile id" autocomplete="off" spellcheck=${false}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && field.current?.blur()} onInput=${() => said && setSaid("")} />
    <kbd aria-hidden="true">/</kbd>
    ${said ? html`<p class="search-said" role="status">${said}</p>` : null}
  </form>`;
}
