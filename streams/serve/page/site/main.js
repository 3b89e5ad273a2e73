/** Starts the page: what it hears, and what it shows. */
import { html, render } from "./vendor/vendor.js";
import { Shell } from "./parts/shell.js";
import { startFeed } from "./state/feed.js";
import { startMeta } from "./state/meta.js";
import { startStream } from "./state/stream.js";
import { applyTheme } from "./state/theme.js";

applyTheme();
startFeed();
startStream();
startMeta();
const place = document.getElementById("page");
if (place) {
  place.replaceChildren();
  render(html`<${Shell} />`, place);
}
