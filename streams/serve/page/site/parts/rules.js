/** The rules: each in words, edited as a file, checked, tried on every stored profile, compared, published, and taken back. */
import { html, useState } from "../vendor/vendor.js";
import { useAnswer } from "../state/answers.js";
import { Editor } from "./rule-editor.js";
import { History } from "./rule-history.js";
import { Panel } from "./panel.js";
import { nextVersion } from "./rule-text.js";
import { atTime } from "./words.js";

/** @param {{ chosen: string }} props a segment, whose rule is shown first */
export function Rules({ chosen }) {
  const asked = useAnswer("/v1/rules", 15_000);
  const history = useAnswer("/v1/rules/history", 10_000);
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const [former, setFormer] = useState(/** @type {any} */ (null));
  const edit = (/** @type {string} */ toml) => {
    setFormer(asked.data);
    setText(toml);
  };
  const end = () => {
    setText(null);
    asked.reload();
    history.reload();
  };
  const { data } = asked;
  const button = html`<button type="button" onClick=${() => edit(nextVersion(data.toml, data.version + 1))}>Edit the rules</button>`;
  return html`<div class="columns"><${Panel} title="Rules" asked=${asked} staleMs=${40_000} path="/v1/rules" command=${text === null ? "liveprofile segments list" : "liveprofile segments preview mine.toml"} tools=${data ? html`<code>${data.rules}</code>` : null}>
      ${data && text === null ? html`<${InForce} rules=${data} chosen=${chosen} button=${button} />` : null}
      ${data && text !== null ? html`<${Editor} former=${former} chosen=${chosen} text=${text} setText=${setText} end=${end} />` : null}
    <//>
    <${History} asked=${history} inForce=${data} edit=${text === null ? edit : null} changed=${end} /></div>`;
}

/** @param {{ rules: any, chosen: string, button: unknown }} props */
function InForce({ rules, chosen, button }) {
  const { published, segments, lifecycle } = rules;
  const rule = segments.find((/** @type {any} */ one) => one.name === chosen);
  const by = published ? `published ${published.by ? `by ${published.by}` : "from the command line"}, ${atTime(published.time)}` : "the rules that this program begins with, or that were published before their history was kept";
  return html`<p class="dim small">${by}${rules.snapshots && rules.snapshots !== rules.rules ? `; workers still judge by ${rules.snapshots}` : ""}</p>
    ${rule ? html`<${Rule} rule=${rule} />` : html`<p class="dim">Choose a segment for its rule.</p>`}
    <details><summary>All ${segments.length} segments and ${lifecycle.length} lifecycle states in words</summary>
      <ul class="plain lines">${lifecycle.map((/** @type {any} */ one) => html`<li key=${`l${one.name}`}><strong>${one.name}</strong> <span class="dim small">lifecycle</span><div>${one.words}</div></li>`)}
        ${segments.map((/** @type {any} */ one) => html`<li key=${one.name}><strong>${one.name}</strong><div>${one.words}</div></li>`)}</ul></details>
    <div class="filters">${button}</div>`;
}

/** One segment's rule, in words and as it is written. @param {{ rule: any }} props */
function Rule({ rule }) {
  const line = (/** @type {string} */ name, /** @type {string} */ value) => html`<div class="value"><dt>${name}</dt><dd><code>${value}</code></dd></div>`;
  return html`<div><p class="lead">${rule.label || rule.name}</p><p class="dim">${rule.meaning}</p></div><p>${rule.words}</p>
    <dl class="values">${line("enter", rule.enter)}${rule.exit ? line("exit", rule.exit) : null}${rule.stay ? line("stay", rule.stay) : null}</dl>`;
}
