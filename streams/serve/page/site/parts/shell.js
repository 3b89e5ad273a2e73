/** The frame of the page: head, menu, and the view that the address names. */
import { html, useEffect, useRef, useState } from "../vendor/vendor.js";
import { useKeys } from "../state/keys.js";
import { meta } from "../state/meta.js";
import { go, route } from "../state/route.js";
import { nextTheme, theme } from "../state/theme.js";
import { Boundary } from "./boundary.js";
import { Keys } from "./keys.js";
import { Failed, Loading } from "./panel.js";
import { Search } from "./search.js";
import { SignIn } from "./sign-in.js";
import { Status } from "./status.js";

/** The views of the menu, by who needs them. @type {{ name: string, words: string, key: string, group: string }[]} */
export const VIEWS = [
  { name: "now", words: "Now", key: "n", group: "Watch" },
  { name: "queue", words: "Queue", key: "q", group: "Watch" },
  { name: "shopper", words: "Shopper", key: "s", group: "Shoppers" },
  { name: "segments", words: "Segments", key: "g", group: "Shoppers" },
  { name: "audience", words: "Audience", key: "a", group: "Shoppers" },
  { name: "streams", words: "Streams", key: "t", group: "Machine" },
  { name: "refused", words: "Refused", key: "x", group: "Machine" },
  { name: "models", words: "Models", key: "m", group: "Machine" },
  { name: "trust", words: "Trust", key: "u", group: "Machine" },
];
/** Views that are reached from others, with the entry of the menu that they belong to. */
const WITHIN = /** @type {Record<string, string>} */ ({ case: "queue", timeline: "shopper" });

export function Shell() {
  const [help, setHelp] = useState(false);
  useKeys([
    { key: "?", does: "show these keys", run: () => setHelp(true) },
    ...VIEWS.map((one) => ({ key: one.key.toUpperCase(), does: `go to ${one.words}`, run: () => void go(one.name) })),
  ]);
  const at = WITHIN[route.value.view] ?? route.value.view;
  const refused = meta.value.problem?.status === 401 || route.value.view === "sign-in";
  return html`<a class="skip" href="#view" onClick=${skip}>Skip to the view</a>
    <header class="top">
      <a class="brand" href="#/now"><img src=${new URL("../style/icon.svg", import.meta.url).pathname} alt="" width="24" height="24" /><span>Liveprofile</span></a>
      <${Search} />
      <${Status} />
      <button type="button" class="quiet round" title=${`Theme: ${theme.value}`} aria-label=${`Theme: ${theme.value}; change it`} onClick=${nextTheme}>${{ system: "◐", light: "☀", dark: "☾" }[theme.value]}</button>
      <button type="button" class="quiet round wide-only" title="Keys (?)" aria-label="Show the keys" onClick=${() => setHelp(true)}>?</button>
    </header>
    <nav class="menu" aria-label="Views">
      ${["Watch", "Shoppers", "Machine"].map(
        (group) => html`<div class="menu-group" key=${group}><h2>${group}</h2>
          ${VIEWS.filter((one) => one.group === group).map((one) => html`<a key=${one.name} href=${`#/${one.name}`} aria-current=${one.name === at ? "page" : null}>${one.words}</a>`)}
        </div>`,
      )}
    </nav>
    <main id="view" tabindex="-1">${refused ? html`<${SignIn} />` : html`<${View} key=${route.value.view} name=${route.value.view} />`}</main>
    ${help ? html`<${Keys} close=${() => setHelp(false)} />` : null}`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault(); // the hash is the page's own
  document.getElementById("view")?.focus();
}

/** A view, loaded when it is first shown. @param {{ name: string }} props */
function View({ name }) {
  const [loaded, setLoaded] = useState(/** @type {{ show: any, problem: any } | null} */ (null));
  const heading = useRef(name);
  useEffect(() => {
    document.title = `${name[0]?.toUpperCase()}${name.slice(1)} · Liveprofile`;
    heading.current = name;
    const known = VIEWS.some((one) => one.name === name) || name in WITHIN;
    if (!known) {
      location.replace("#/now");
      return;
    }
    import(`../views/${name}.js`).then(
      (module) => setLoaded({ show: module.default, problem: null }),
      () => setLoaded({ show: null, problem: { title: "The view was not loaded", detail: "Reload the page when the service answers again.", status: 0 } }),
    );
  }, [name]);
  if (!loaded) return html`<div class="panel"><${Loading} /></div>`;
  return loaded.show ? html`<${Boundary}><${loaded.show} /><//>` : html`<${Failed} problem=${loaded.problem} />`;
}
