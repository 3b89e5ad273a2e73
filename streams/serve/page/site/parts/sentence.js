/** One sentence that says who a shopper is. */
import { plural, topicName } from "./words.js";

/** @param {any} profile a snapshot */
export function sentence(profile) {
  const state = profile.lifecycle?.state;
  const who = state ? `${/^[aeiou]/.test(state) ? "An" : "A"} ${state} shopper` : "A shopper";
  const topics = (profile.said?.long?.length ? profile.said.long : (profile.interests?.long ?? []).slice(0, 2).map((/** @type {any} */ one) => one.topic)).slice(0, 3);
  const likes = topics.length ? ` who likes ${joined(topics.map(topicName))}` : "";
  const { orders = 0, band } = profile.spend ?? {};
  const bought = orders ? `, with ${plural(orders, "order")}${band && band !== "none" ? ` and ${band} spend` : ""}` : ", without an order so far";
  const intent = profile.intent?.topic && profile.intent.confidence >= 0.5 ? `; now after ${topicName(profile.intent.topic)}` : "";
  const open = profile.anomalies?.length ? ` ${plural(profile.anomalies.length, "anomaly is", "anomalies are")} open.` : "";
  return `${who}${likes}${bought}${intent}.${open}`;
}

/** @param {string[]} words */
function joined(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
