/** The text of a rule file. */

/** The file with another version: name and version stand for one content. @param {string} toml @param {number} version */
export function nextVersion(toml, version) {
  return toml.replace(/^([ \t]*version[ \t]*=[ \t]*)\d+/m, `$1${version}`);
}
