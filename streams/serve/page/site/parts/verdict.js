/** The verdict on an anomaly: real, or a false alarm, with a reason. */
import { html, useRef, useState } from "../vendor/vendor.js";
import { ask } from "../state/api.js";
import { useKeys } from "../state/keys.js";
import { atTime } from "./words.js";

/** @param {{ id: string, last: any, done: () => void }} props */
export function Verdict({ id, last, done }) {
  const reason = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [said, setSaid] = useState(/** @type {{ tone: string, words: string } | null} */ (null));
  const judge = async (/** @type {"real" | "false-alarm"} */ verdict) => {
    setSaid({ tone: "", words: "…" });
    try {
      const body = { verdict, reason: reason.current?.value.trim() ?? "" };
      const { data } = await ask(`/v1/anomalies/${id}/verdict`, { method: "POST", body });
      setSaid({ tone: "good", words: `Judged ${data.verdict} by ${data.by}: durable at ${data.position}.` });
      done();
    } catch (error) {
      setSaid({ tone: "bad", words: error instanceof Error ? `Not judged: ${error.message}` : String(error) });
    }
  };
  useKeys([
    { key: "r", does: "judge it real", run: () => void judge("real") },
    { key: "f", does: "judge it a false alarm", run: () => void judge("false-alarm") },
  ], [id]);
  return html`${last ? html`<p>Last verdict: <strong>${last.verdict}</strong>${last.by ? ` by ${last.by}` : ""}${last.ts ? `, ${atTime(last.ts)}` : ""}${last.reason ? `: ${last.reason}` : ""}</p>` : html`<p class="dim">Nobody has judged it yet.</p>`}
    <div class="verdict"><input ref=${reason} maxlength="500" aria-label="Reason" placeholder="Reason, for the next who reads it" />
      <button type="button" onClick=${() => judge("real")}>✔ Real <kbd aria-hidden="true">r</kbd></button>
      <button type="button" onClick=${() => judge("false-alarm")}>✘ False alarm <kbd aria-hidden="true">f</kbd></button></div>
    ${said ? html`<p class=${`note ${said.tone}`} role="status">${said.words}</p>` : null}`;
}
