/** Panels beside a profile: what to recommend, who is similar, and its erasure. */
import { html, useState } from "../vendor/vendor.js";
import { ask } from "../state/api.js";
import { useAnswer } from "../state/answers.js";
import { hashOf } from "../state/route.js";
import { Bars } from "./bars.js";
import { Panel } from "./panel.js";
import { shortId, topicName } from "./words.js";

/** @param {{ id: string }} props */
export function Recommended({ id }) {
  const path = `/v1/profiles/${id}/recommendations?most=6`;
  const asked = useAnswer(path, 60_000);
  const items = asked.data?.items ?? [];
  return html`<${Panel} title="Recommended" asked=${asked} path=${path} command=${`liveprofile recommend ${id}`} isEmpty=${!items.length} empty="Nothing to recommend yet: the shop's items are not known, or this shopper is new.">
    <ol class="plain lines">${items.map((/** @type {any} */ one) => html`<li key=${one.item}><strong dir="auto">${one.title ?? one.item_id ?? one.item}</strong>${one.price ? html` <span class="dim nowrap">${one.price.toFixed(2)}</span>` : null}<div class="dim small">${one.reason.words}</div></li>`)}</ol>
  <//>`;
}

/** @param {{ id: string }} props */
export function Similar({ id }) {
  const path = `/v1/profiles/${id}/similar?most=6`;
  const asked = useAnswer(path, 60_000);
  const rows = (asked.data?.profiles ?? []).map((/** @type {any} */ one) => ({
    key: one.profile_id,
    name: html`<a class="id" href=${hashOf("shopper", one.profile_id)}>${shortId(one.profile_id)}</a> <span class="dim small">${one.shared.map(topicName).join(", ")}</span>`,
    value: Math.max(0, one.likeness),
  }));
  return html`<${Panel} title="Similar shoppers" asked=${asked} path=${path} command=${`liveprofile similar ${id}`} isEmpty=${!rows.length} empty="Nobody is similar yet."><${Bars} rows=${rows} most=${1} /><//>`;
}

/** Erasure: it asks twice, since nothing brings a profile back. @param {{ id: string }} props */
export function Erasing({ id }) {
  const [sure, setSure] = useState("");
  const [said, setSaid] = useState("");
  const path = `/v1/profiles/${id}`;
  const erase = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const { data } = await ask(path, { method: "DELETE" });
      setSaid(data?.deadline ? `Erased; nothing of it is left anywhere after ${data.deadline}.` : "The erasure is durable on Kafka.");
    } catch (error) {
      setSaid(error instanceof Error ? `Not erased: ${error.message}` : String(error));
    }
  };
  return html`<${Panel} title="Erase" curl=${`curl -X DELETE '${location.origin}${path}'`} command=${`liveprofile erase ${id}`}>
    <p class="dim">Takes the profile, its facts and its history from every topic. Nothing brings it back.</p>
    <form class="filters" onSubmit=${erase}>
      <label>Type ${shortId(id)} <input value=${sure} size="10" autocomplete="off" onInput=${(/** @type {any} */ event) => setSure(event.target.value)} /></label>
      <button type="submit" class="danger" disabled=${sure !== shortId(id)}>Erase this shopper</button>
    </form>
    ${said ? html`<p class="note" role="status">${said}</p>` : null}
  <//>`;
}
