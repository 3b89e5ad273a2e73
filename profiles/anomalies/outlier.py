"""Outlier detector: sessions unlike all others, by Half-Space Trees (Tan, Ting and Liu, IJCAI 2011) trained by River.

It contributes only to the combined evidence: on streams that are not shuffled the trees alone are not reliable. The
adopted trees arrive as arrays.
"""

from base64 import b64decode
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.drift import new_share
from liveprofile.profiles.anomalies.identity import count_bits, new_places
from liveprofile.profiles.anomalies.kinds import SPEND
from liveprofile.profiles.kernel.context import Trees
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.local_time import local_ms
from liveprofile.profiles.numeric.places import places_of
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LOCATION, OUTLIER_INPUTS, SPREAD, Row

INPUTS = {
    "length": "session length",
    "rate": "events of the last minute",
    "pace": "pace",
    "pace_spread": "spread of the pace",
    "pages": "pages without dwell",
    "wishes": "share of wishes",
    "searches": "share of searches",
    "orders": "orders",
    "new_places": "new device, network, country",
    "order": "order against the usual",
    "new_topics": "new topics",
    "unusual_hour": "unusual hour",
    "failed_payments": "failed payments",
    "sleep": "sleep before",
}
"""The inputs of the trees, in the order of the row's `anomaly_input`; each 0 to 255 for 0 to 1."""
AT = places_of(INPUTS)
"""Places of the inputs by name."""
assert len(INPUTS) == OUTLIER_INPUTS, "a row has room for OUTLIER_INPUTS inputs"
HOUR_MS = 3_600_000
_CART, _FAVOURITE, _SEARCH, _PURCHASE = (
    int(action) for action in (Action.CART, Action.FAVOURITE, Action.SEARCH, Action.PURCHASE)
)


NO_TREES = Trees(np.zeros((0, 1), np.uint8), np.zeros((0, 1), np.uint16), np.zeros((0, 3), np.uint16), 0.0)


@compiled
def take_inputs(row: Row, event: Row, rules: Rules, utc_offsets: npt.NDArray[np.int64]) -> None:
    """Write the inputs of the trees into the row, as of this activity."""
    steps = max(float(row.session_events), 1.0)
    counts = row.session_by_action
    wishes = float(counts[_CART]) + float(counts[_FAVOURITE]) + float(counts[_PURCHASE])
    to = row.anomaly_input
    to[AT.length] = _byte(log2(1.0 + steps) / 10.0)
    to[AT.rate] = _byte(log2(1.0 + row.rate_burst) / 8.0)
    to[AT.pace] = _byte(row.pace[LOCATION] / 24.0)
    to[AT.pace_spread] = _byte(row.pace[SPREAD] / 4.0)
    to[AT.pages] = _byte(log2(1.0 + row.pages) / 8.0)
    to[AT.wishes] = _byte(wishes / steps)
    to[AT.searches] = _byte(counts[_SEARCH] / steps)
    to[AT.orders] = _byte(log2(1.0 + counts[_PURCHASE]) / 4.0)
    to[AT.new_places] = _byte(count_bits(new_places(row, rules)) / 3.0)
    to[AT.order] = _byte(row.anomaly_max_scores[SPEND] / 8.0)
    to[AT.new_topics] = _byte(new_share(row, 1.0))
    to[AT.unusual_hour] = _byte(_unusual_hour(row, local_ms(event.event_time_ms, utc_offsets)))
    to[AT.failed_payments] = _byte(log2(1.0 + max(row.failed, 0.0)) / 4.0)
    to[AT.sleep] = _byte(row.anomaly_dormancy / 6.0)


@compiled
def _byte(share: float) -> int:
    return int(min(max(share, 0.0), 1.0) * 255.0 + 0.5)


@compiled
def _unusual_hour(row: Row, local_time_ms: int) -> float:
    """How far activity at this hour and the two beside it falls short of a quarter of all, 0 to 1.

    0 while there are few activities.
    """
    if row.hours_mass < 20.0:
        return 0.0
    hour, share = int(local_time_ms // HOUR_MS % 24), 0.0
    for beside in range(hour - 1, hour + 2):
        share += row.hours[beside % 24] / 32767.0
    return 1.0 - min(share * 4.0, 1.0)


@compiled
def score_outlier(inputs: npt.NDArray[np.uint8], trees: Trees) -> float:
    """log2 of the largest possible mass over that of the session's cells; 0 for the most common, or without trees."""
    if trees.window == 0.0:
        return 0.0
    total, minimum = 0.0, 0.1 * trees.window
    for tree in range(trees.feature.shape[0]):
        node, weight = 0, 1.0
        while True:
            mass = float(trees.mass[tree, node])
            total += mass * weight
            if mass < minimum or node >= trees.feature.shape[1]:
                break
            upper = inputs[trees.feature[tree, node]] >= trees.split[tree, node]
            node, weight = 2 * node + (2 if upper else 1), weight * 2.0
    largest = trees.feature.shape[0] * trees.window * float(trees.mass.shape[1])
    return log2(largest / max(total, 1.0))


def read_trees(record: dict[str, Any]) -> Trees:
    """The trees of an adoption, see `models.learners.half_space`. ValueError where the numbers do not fit together."""
    count, height = int(record["trees"]), int(record["height"])
    inner, nodes = (1 << height) - 1, (1 << height + 1) - 1
    feature = np.frombuffer(b64decode(record["feature"], validate=True), "u1").reshape(count, inner)
    split = np.frombuffer(b64decode(record["split"], validate=True), "<u2").reshape(count, inner)
    mass = np.frombuffer(b64decode(record["mass"], validate=True), "<u2").reshape(count, nodes)
    if len(feature) and int(feature.max()) >= len(INPUTS):
        raise ValueError(f"a tree looks at input {int(feature.max())}: there are {len(INPUTS)}")
    return Trees(feature.copy(), split.astype(np.uint16), mass.astype(np.uint16), float(record["window"]))
