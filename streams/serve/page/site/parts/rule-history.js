/** The history of the rules: who published what and when, whom each edit moved, and the way back. */
import { html, useState } from "../vendor/vendor.js";
import { ask, Problem } from "../state/api.js";
import { Failed, Panel } from "./panel.js";
import { nextVersion } from "./rule-text.js";
import { atTime, counted } from "./words.js";

/** @typedef {{ published: { rules: string, sha256: string, time: string, by: string, replaces: string, restores: string }, entered: number, left: number, segments: Record<string, { entered: number, left: number }>, lifecycle: Record<string, { entered: number, left: number }> }} Edit */

/** @param {{ asked: any, inForce: any, edit: ((toml: string) => void) | null, changed: () => void }} props */
export function History({ asked, inForce, edit, changed }) {
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [sure, setSure] = useState(false);
  const edits = /** @type {Edit[]} */ (asked.data?.edits ?? []);
  const run = async (/** @type {() => Promise<void>} */ what) => {
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(-1, "The page failed", String(error)));
    }
    setSure(false);
  };
  const undo = () => run(async () => {
    await ask("/v1/rules:undo", { method: "POST", headers: { "If-Match": inForce.etag } });
    changed();
  });
  const take = (/** @type {string} */ version) => run(async () => {
    const { data } = await ask(`/v1/rules/${encodeURIComponent(version)}`);
    edit?.(nextVersion(data.toml, inForce.version + 1));
  });
  const asking = sure ? html`<button type="button" class="danger" onClick=${undo}>Take ${edits[0]?.published.rules} back</button><button type="button" class="quiet" onClick=${() => setSure(false)}>No</button>` : html`<button type="button" onClick=${() => setSure(true)}>Undo the last edit</button>`;
  return html`<${Panel} title="History of the rules" asked=${asked} staleMs=${25_000} path="/v1/rules/history" isEmpty=${!edits.length} empty="No publication is known: the rules were never changed, or before their history was kept."
      filters=${edits.length && inForce && edit ? asking : null}>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    <ul class="plain lines">${edits.map((one, at) => html`<li key=${one.published.time}>
      <div class="filters"><strong>${one.published.rules}</strong>${at === 0 ? html`<span class="chip">in force</span>` : null}<span class="dim small">${one.published.by || "command line"}, ${atTime(one.published.time)}${one.published.restores ? `; restored ${one.published.restores}` : ""}</span>
        ${at > 0 && edit ? html`<button type="button" class="quiet" onClick=${() => take(one.published.rules)}>edit from here</button>` : null}</div>
      <${Moved} edit=${one} /></li>`)}</ul>
    <p class="dim small">Moves are known of the last ${counted(asked.data?.moves_days)} days.</p>
  <//>`;
}

/** Whom an edit moved, by segment. @param {{ edit: Edit }} props */
function Moved({ edit }) {
  const rows = [...Object.entries(edit.segments), ...Object.entries(edit.lifecycle).map(([name, one]) => /** @type {[string, { entered: number, left: number }]} */ ([`lifecycle ${name}`, one]))].sort((a, b) => b[1].entered + b[1].left - a[1].entered - a[1].left);
  if (!rows.length) return html`<div class="dim small">moved nobody</div>`;
  return html`<details><summary class="small">+${counted(edit.entered)} entered, −${counted(edit.left)} left segments by this edit</summary>
    <ul class="plain">${rows.map(([name, one]) => html`<li key=${name} class="small">${name} <span class="num">+${counted(one.entered)} −${counted(one.left)}</span></li>`)}</ul></details>`;
}
