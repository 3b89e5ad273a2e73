/** Lists that are walked with j and k, and opened with Enter. */
import { useEffect, useRef, useState } from "../vendor/vendor.js";
import { useKeys } from "../state/keys.js";

/**
 * The place in a list, kept on its item when the list moves.
 * @param {string[]} keys of the items, in order @param {(key: string) => void} open
 */
export function useWalk(keys, open) {
  const [at, setAt] = useState(/** @type {string | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const latest = useRef({ keys, at, open });
  latest.current = { keys, at, open };
  const step = (/** @type {number} */ by) => {
    const { keys: all, at: key } = latest.current;
    const place = key === null ? (by > 0 ? 0 : all.length - 1) : all.indexOf(key) + by;
    setAt(all[Math.min(Math.max(place, 0), all.length - 1)] ?? null);
  };
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  useKeys([
    { key: "j", does: "next in the list", run: () => step(1) },
    { key: "k", does: "the one before", run: () => step(-1) },
    { key: "Enter", does: "open it", run: () => latest.current.at !== null && latest.current.open(latest.current.at) },
    { key: "Escape", does: "leave the list", run: () => setAt(null) },
  ]);
  return { list, at, setAt };
}
