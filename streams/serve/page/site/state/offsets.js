/** Ids of the stream: the offset behind the last record of each partition, as variable-length numbers in base64url. */

/** @param {number[]} offsets */
export function packed(offsets) {
  let bytes = "";
  for (const offset of offsets) {
    let rest = offset;
    while (rest >= 0x80) {
      bytes += String.fromCharCode((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes += String.fromCharCode(rest);
  }
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The id from which the stream first tells the last few facts of each partition, so that a page is not empty.
 * @param {{ position: string }[]} positions as `/v1/meta` has them @param {number} most facts of a partition
 */
export function aLittleBefore(positions, most) {
  const read = positions.map(({ position }) => /^(.*)\/(\d+)@(-?\d+)$/.exec(position)).filter((one) => one !== null);
  const facts = read.filter(([, topic]) => /(^|[-.])profile-(changes|anomalies)$/.test(topic ?? ""));
  facts.sort((a, b) => compare(a[1] ?? "", b[1] ?? "") || Number(a[2]) - Number(b[2]));
  return packed(facts.map((one) => Math.max(0, Number(one[3]) + 1 - most)));
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
