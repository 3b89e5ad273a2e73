/** Shopper: who this is in a sentence, and every value with its why, at any version. */
import { html, useEffect } from "../vendor/vendor.js";
import { Panel } from "../parts/panel.js";
import { Past, Present } from "../parts/profile-values.js";
import { Erasing } from "../parts/shopper-panels.js";
import { sentence } from "../parts/sentence.js";
import { Fresh } from "../parts/fresh.js";
import { TimeMachine } from "../parts/time-machine.js";
import { atTime, counted, plural } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { onFrame } from "../state/stream.js";
import { useKeys } from "../state/keys.js";
import { go, hashOf, route } from "../state/route.js";

const EVERY_MS = 15_000;

export default function Shopper() {
  const { id, query } = route.value;
  return id ? html`<${One} key=${id} id=${id} version=${query.v === undefined ? null : Number(query.v)} />` : html`<${Fresh} />`;
}

/** @param {{ id: string, version: number | null }} props */
function One({ id, version }) {
  const path = `/v1/profiles/${id}`;
  const asked = useAnswer(path, EVERY_MS);
  const newest = asked.data?.version ?? null;
  const isPast = version !== null && newest !== null && version < newest;
  const past = useAnswer(isPast ? `${path}?version=${version}` : null);
  const changes = useAnswer(newest === null ? null : `${path}/changes?limit=1000&after_version=${Math.max(0, Math.floor((newest - 900) / 100) * 100)}`, EVERY_MS);
  useEffect(() => onFrame((frame) => {
    if (frame.data.profile_id === id) setTimeout(asked.reload, 300); // the snapshot comes after the change
  }), [id]);
  useKeys([{ key: "T", does: "this shopper's timeline", run: () => void go("timeline", id) }], [id]);
  return html`<${Panel} title="Shopper" class="shopper-head" asked=${asked} staleMs=${30_000} path=${path} command=${`liveprofile show ${id}`}>
      ${asked.data ? html`<${Head} id=${id} profile=${asked.data} />` : null}
    <//>
    ${asked.data ? html`<${TimeMachine} id=${id} newest=${newest} version=${isPast ? version : newest} changes=${changes.data?.changes ?? []} oldest=${changes.data?.oldest ?? null} />` : null}
    ${asked.data && !isPast ? html`<${Present} id=${id} profile=${asked.data} atMs=${asked.atMs} />` : null}
    ${isPast ? html`<${Panel} title=${`As published at version ${version}`} asked=${past} path=${`${path}?version=${version}`} command=${`liveprofile watch changes --profile ${id} --from start --no-follow`}>
        ${past.data ? html`<${Past} id=${id} then=${past.data} />` : null}<//>` : null}
    ${asked.data && !isPast ? html`<${Erasing} id=${id} />` : null}`;
}

/** @param {{ id: string, profile: any }} props */
function Head({ id, profile }) {
  return html`<h1>${sentence(profile)}</h1>
    <p class="dim shopper-ids"><span class="id">${id}</span>
      <span>version ${counted(profile.version)}</span>
      <span>${plural(profile.events?.total ?? 0, "event")}</span>
      <span>first seen ${atTime(profile.first_seen)}</span><span>last seen ${atTime(profile.last_seen)}</span>
      <a href=${hashOf("timeline", id)}>timeline →</a></p>`;
}
