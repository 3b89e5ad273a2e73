/** Kinds of facts: what belongs together has one colour and one sign, so that colour is never alone. */

/** @typedef {{ name: string, sign: string, words: string }} Kind */

/** @type {Kind[]} */
export const KINDS = [
  { name: "interest", sign: "◆", words: "interests" },
  { name: "segment", sign: "●", words: "segments" },
  { name: "spend", sign: "■", words: "spend" },
  { name: "chance", sign: "▲", words: "chances" },
  { name: "trait", sign: "✚", words: "traits" },
  { name: "anomaly", sign: "✖", words: "anomalies" },
];

const BY_HEAD = {
  interests: "interest",
  brands: "interest",
  segments: "segment",
  lifecycle: "segment",
  cluster: "segment",
  spend: "spend",
  price: "spend",
  discounts: "spend",
  predictions: "chance",
  anomalies: "anomaly",
};

/** The kind of a path. @param {string} path */
export function kindOf(path) {
  const [head = ""] = path.split(".");
  return /** @type {Record<string, string>} */ (BY_HEAD)[head] ?? "trait";
}

/** The kind by its name. @param {string} name @returns {Kind} */
export function kindNamed(name) {
  return KINDS.find((one) => one.name === name) ?? { name: "trait", sign: "✚", words: "traits" };
}
