/** The keys that work now. */
import { html } from "../vendor/vendor.js";
import { keysNow } from "../state/keys.js";
import { Dialog } from "./dialog.js";

/** @param {{ close: () => void }} props */
export function Keys({ close }) {
  return html`<${Dialog} title="Keys" close=${close}>
    <dl class="keys">${keysNow().map(({ key, does }) => html`<div key=${key + does}><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}
      <div><dt><kbd>Escape</kbd></dt><dd>close, or leave a field</dd></div></dl>
  <//>`;
}
