/** Audience: the clusters of shoppers with their sizes, and a map of them where the service has one. */
import { html } from "../vendor/vendor.js";
import { Bars } from "../parts/bars.js";
import { ClusterMap } from "../parts/cluster-map.js";
import { Panel } from "../parts/panel.js";
import { counted } from "../parts/words.js";
import { useAnswer } from "../state/answers.js";
import { hashOf } from "../state/route.js";

export default function Audience() {
  const asked = useAnswer("/v1/clusters", 10_000);
  const map = useAnswer("/v1/clusters/map", 60_000);
  const clusters = asked.data?.clusters ?? [];
  return html`<div class="view-head"><h1>Audience</h1><p>Shoppers who are interested in the same, as the clusterer has learnt it.</p></div>
    <div class="columns">
      <${Panel} title="Map" asked=${map} staleMs=${180_000} path="/v1/clusters/map" isEmpty=${!map.data?.points?.length} empty="No shopper is on the map yet.">${map.data ? html`<${ClusterMap} map=${map.data} />` : null}<//>
      <${Panel} title="Clusters" asked=${asked} staleMs=${25_000} path="/v1/clusters" command="liveprofile segments sizes" isEmpty=${!clusters.length} empty="No clusters yet: the first ones are learnt from some hundreds of shoppers.">
        <${Bars} share=${true} rows=${clusters.map((/** @type {any} */ one) => ({ key: String(one.id), name: html`<a href=${hashOf("shopper", "", { cluster: String(one.id) })}>${one.name ?? `cluster ${one.id}`}</a>`, value: one.share, words: `${counted(one.size)}` }))} />
      <//>
    </div>`;
}
