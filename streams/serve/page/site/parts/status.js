/** The pill in the corner: is what I see the present? Its sign, its colour and its words say the same. */
import { html } from "../vendor/vendor.js";
import { now } from "../state/clock.js";
import { lagS, meta } from "../state/meta.js";
import { streaming } from "../state/stream.js";
import { age } from "./words.js";

const LATE_S = 5;

/** @returns {{ tone: string, sign: string, words: string, detail: string }} */
function told() {
  const { data, problem } = meta.value;
  const lag = lagS();
  if (problem?.status === 401) return { tone: "bad", sign: "○", words: "signed out", detail: "Sign in to see profiles." };
  if (problem && problem.status === 0) {
    return { tone: "bad", sign: "○", words: `away ${age(now.value - meta.value.atMs)}`, detail: "The service does not answer. The page goes on where it was when it comes back." };
  }
  if (!data) return { tone: "calm", sign: "◌", words: "connecting", detail: "The service is asked for the first time." };
  if (!data.ready) return { tone: "warn", sign: "◐", words: "catching up", detail: "The service reads the topics; lists are answered when it is through." };
  if (lag !== null && lag > LATE_S) return { tone: "warn", sign: "▲", words: `late ${age(lag * 1000)}`, detail: "The service is behind Kafka, or Kafka does not answer it." };
  if (streaming.value.state !== "live") return { tone: "warn", sign: "◐", words: streaming.value.state, detail: "The stream of changes is being opened." };
  return { tone: "good", sign: "●", words: lag === null ? "live" : `live, ${lag.toFixed(1)} s`, detail: "Everything that Kafka had so long ago is here." };
}

/** The pill; its title has the details. */
export function Status() {
  const { tone, sign, words, detail } = told();
  const by = streaming.value.leads ? "This tab reads the stream." : "Another tab reads the stream for this one.";
  return html`<span role="status"><a class=${`pill ${tone}`} href="#/streams" title=${`${detail} ${by}`}>
    <span aria-hidden="true">${sign}</span> ${words}
  </a></span>`;
}
