/** A dialog of the browser's own: it keeps the focus inside, closes with Escape, and gives the focus back. */
import { html, useEffect, useRef } from "../vendor/vendor.js";

/** @param {{ title: string, close: () => void, side?: boolean, children?: unknown }} props */
export function Dialog({ title, close, side = false, children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const from = document.activeElement;
    box.current?.showModal();
    return () => {
      if (from instanceof HTMLElement) from.focus();
    };
  }, []);
  const outside = (/** @type {MouseEvent} */ event) => event.target === box.current && close();
  return html`<dialog ref=${box} class=${side ? "side" : ""} aria-label=${title} onClose=${close} onClick=${outside}>
    <div class="dialog-body">
      <header class="panel-head"><h2>${title}</h2><button type="button" class="quiet round" aria-label="Close" onClick=${close}>✕</button></header>
      ${children}
    </div>
  </dialog>`;
}
