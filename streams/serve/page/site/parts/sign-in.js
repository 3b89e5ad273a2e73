/** Sign-in: the link that the service prints, or a token; the browser then has a cookie that no script reads. */
import { html, useEffect, useRef, useState } from "../vendor/vendor.js";
import { ask } from "../state/api.js";
import { route } from "../state/route.js";

/** @param {Record<string, string>} body */
async function signIn(body) {
  await ask("/session", { method: "POST", body });
  location.replace("#/now");
  location.reload();
}

export function SignIn() {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [said, setSaid] = useState("");
  const once = route.value.query.once;
  const tryIt = (/** @type {Record<string, string>} */ body) => signIn(body).catch((error) => setSaid(error.message));
  useEffect(() => {
    if (once) void tryIt({ once });
  }, [once]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void tryIt({ token: field.current?.value.trim() ?? "" });
  };
  return html`<section class="panel sign-in" aria-label="Sign in">
    <h1>Sign in</h1>
    <p>Open the link that <code>liveprofile serve</code> printed when it started, or paste a token. It becomes a cookie that no script can read.</p>
    <form onSubmit=${submit}>
      <label>Token <input ref=${field} type="password" autocomplete="current-password" required placeholder="lp_…" /></label>
      <button type="submit" class="main">Sign in</button>
    </form>
    ${said ? html`<p class="note bad" role="alert">${said}</p>` : null}
    <p class="dim">A new one: <code>liveprofile token create NAME --scope profile:read --scope anomaly:read --scope segment:read --scope model:read</code></p>
  </section>`;
}
