/** Edits the rules: checked while they are written, tried on every stored profile, published in place of those that were read. */
import { html, useEffect, useRef, useState } from "../vendor/vendor.js";
import { ask, Problem } from "../state/api.js";
import { Diff } from "./diff.js";
import { Failed } from "./panel.js";
import { Preview } from "./rule-preview.js";
import { plural } from "./words.js";

const CHECK_MS = 500;

/** @typedef {{ rule: string, text: string, line: number | null }} Fault */

/** @param {{ former: any, chosen: string, text: string, setText: (text: string) => void, end: () => void }} props */
export function Editor({ former, chosen, text, setText, end }) {
  const checked = useCheck(text);
  const [tried, setTried] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState("");
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => {
    const line = text.split("\n").findIndex((one) => one.trim() === `name = "${chosen}"`);
    if (line >= 0) select(area.current, line + 1);
    else area.current?.focus();
  }, []);
  useEffect(() => {
    setTried(null);
    setProblem(null);
  }, [text]);
  const run = async (/** @type {string} */ words, /** @type {() => Promise<void>} */ what) => {
    setBusy(words);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(-1, "The page failed", String(error)));
    }
    setBusy("");
  };
  const preview = () => run("Trying them on all shoppers …", async () => setTried((await ask("/v1/rules:preview", { method: "POST", body: { toml: text } })).data));
  const publish = () => run("Publishing …", async () => {
    await ask("/v1/rules", { method: "POST", body: { toml: text }, headers: { "If-Match": former.etag } });
    end();
  });
  const usable = checked?.valid === true && text !== former.toml;
  return html`<label class="small dim" for="rule-text">The file, in place of <code>${former.rules}</code></label>
    <textarea id="rule-text" ref=${area} class="rule" rows="18" spellcheck=${false} value=${text} aria-describedby="rule-faults" onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    <${Faults} checked=${checked} go=${(/** @type {number} */ line) => select(area.current, line)} />
    <div class="filters"><button type="button" disabled=${!usable || busy !== ""} onClick=${preview}>Try on all shoppers</button>
      <button type="button" class="main" disabled=${!usable || !tried || busy !== ""} title=${tried ? "" : "Try them first"} onClick=${publish}>Publish</button>
      <button type="button" class="quiet" onClick=${end}>Discard</button></div>
    ${busy ? html`<p class="note" role="status">${busy}</p>` : null}
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    ${tried ? html`<${Preview} tried=${tried} />` : null}
    <h3>What is changed</h3><${Diff} before=${former.toml} after=${text} />`;
}

/** What the service says of the text, half a second after it was changed; null until then. @param {string} text */
function useCheck(text) {
  const [checked, setChecked] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setChecked((await ask("/v1/rules:check", { method: "POST", body: { toml: text }, signal: stop.signal })).data);
      } catch (error) {
        if (!stop.signal.aborted) setChecked({ valid: false, problems: [{ rule: "", text: error instanceof Problem ? error.detail : String(error), line: null }] });
      }
    }, CHECK_MS);
    setChecked(null);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [text]);
  return checked;
}

/** Every fault, each leading to its rule. @param {{ checked: any, go: (line: number) => void }} props */
function Faults({ checked, go }) {
  if (checked === null) return html`<p id="rule-faults" class="dim small" role="status">Checking …</p>`;
  if (checked.valid) return html`<p id="rule-faults" class="small" role="status">✓ ${checked.rules}: ${plural(checked.segments, "segment")}, ${plural(checked.lifecycle, "lifecycle state")}, ${plural(checked.comparisons, "comparison")}</p>`;
  return html`<div id="rule-faults" class="note bad" role="status"><strong>${plural(checked.problems.length, "fault")}</strong><ul class="plain">${checked.problems.map((/** @type {Fault} */ one, /** @type {number} */ at) => html`<li key=${at}>${one.line === null ? null : html`<button type="button" class="quiet" onClick=${() => go(one.line ?? 1)}>line ${one.line}</button> `}${one.rule && !one.text.startsWith("[[") ? html`<strong>${one.rule}</strong>: ` : null}${one.text}</li>`)}</ul></div>`;
}

/** Put the cursor on a line. @param {HTMLTextAreaElement | null} area @param {number} line from 1 */
function select(area, line) {
  if (area === null) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = ((line - 4) * area.scrollHeight) / lines.length;
}
