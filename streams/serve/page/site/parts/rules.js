/** The rules: in force, edited, tried on every stored profile, published, and taken back. Nothing is published untried. */
import { html, useEffect, useState } from "../vendor/vendor.js";
import { ask } from "../state/api.js";
import { useAnswer } from "../state/answers.js";
import { hashOf } from "../state/route.js";
import { Diff } from "./diff.js";
import { Panel } from "./panel.js";
import { atTime, counted, shortId } from "./words.js";

/** @param {{ chosen: string }} props a segment, whose rule is shown first */
export function Rules({ chosen }) {
  const asked = useAnswer("/v1/rules", 30_000);
  const history = useAnswer(asked.data ? "/v1/rules/history" : null, 30_000);
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const rule = (asked.data?.segments ?? []).find((/** @type {any} */ one) => one.name === chosen);
  return html`<${Panel} title="Rules" asked=${asked} path="/v1/rules" command="liveprofile segments list">
      ${rule ? html`<p><strong>${rule.name}</strong>: ${rule.words ?? ""} <code>${rule.condition}</code></p>` : null}
      ${text === null ? html`<button type="button" onClick=${() => setText(asked.data.text)}>Edit the rules</button>` : html`<${Editor} former=${asked.data} text=${text} setText=${setText} published=${() => { setText(null); asked.reload(); history.reload(); }} />`}
    <//>
    ${history.data ? html`<${History} asked=${history} edit=${setText} />` : null}`;
}

/** @param {{ former: any, text: string, setText: (text: string | null) => void, published: () => void }} props */
function Editor({ former, text, setText, published }) {
  const [tried, setTried] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  useEffect(() => setTried(null), [text]);
  const run = async (/** @type {() => Promise<void>} */ what) => {
    setSaid("…");
    try {
      await what();
      setSaid("");
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  const preview = () => run(async () => setTried((await ask("/v1/segments:preview", { method: "POST", body: { rules: text } })).data));
  const publish = () => run(async () => {
    await ask("/v1/rules", { method: "POST", body: { rules: text, former: former.digest } });
    published();
  });
  return html`<textarea class="rule" rows="14" aria-label="Rules" spellcheck=${false} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    <div class="filters"><button type="button" onClick=${preview} disabled=${text === former.text}>Try on all shoppers</button>
      <button type="button" class="main" disabled=${!tried} onClick=${publish}>Publish</button>
      <button type="button" class="quiet" onClick=${() => setText(null)}>Discard</button></div>
    ${said ? html`<p class="note" role="status">${said}</p>` : null}
    <${Diff} before=${former.text} after=${text} />
    ${tried ? html`<${Preview} tried=${tried} />` : null}`;
}

/** Who would enter and leave, with examples. @param {{ tried: any }} props */
function Preview({ tried }) {
  const rows = Object.entries(/** @type {Record<string, any>} */ (tried.segments ?? {}));
  const ids = (/** @type {string[]} */ all = []) => all.slice(0, 20).map((one) => html`<a class="id small" key=${one} href=${hashOf("shopper", one)}>${shortId(one)}</a> `);
  return html`<div class="scroll"><table><thead><tr><th>Segment</th><th class="num">Now</th><th class="num">Then</th><th>Enter</th><th>Leave</th></tr></thead>
    <tbody>${rows.map(([name, one]) => html`<tr key=${name}><td>${name}</td><td class="num">${counted(one.now)}</td><td class="num">${counted(one.then)}</td><td>+${counted(one.enter)} ${ids(one.entering)}</td><td>−${counted(one.leave)} ${ids(one.leaving)}</td></tr>`)}</tbody></table></div>`;
}

/** Who published what, when, and whom it moved; former rules are edited, tried and published again. @param {{ asked: any, edit: (text: string) => void }} props */
function History({ asked, edit }) {
  const versions = asked.data?.versions ?? [];
  return html`<${Panel} title="History of the rules" asked=${asked} path="/v1/rules/history" isEmpty=${!versions.length} empty="The rules were never changed.">
    <ul class="plain lines">${versions.map((/** @type {any} */ one) => html`<li key=${one.version}><strong>${one.version}</strong> <span class="dim">${one.by}, ${atTime(one.time)}; moved ${counted(one.moved)} shoppers</span> ${one.text ? html`<button type="button" class="quiet" onClick=${() => edit(one.text)}>take these again</button>` : null}</li>`)}</ul>
  <//>`;
}
