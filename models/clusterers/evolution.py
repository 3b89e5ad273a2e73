"""Transitions of clusters between two points in time: survived, emerged, vanished, split, absorbed (MONIC)."""

from typing import Any

import numpy as np

from liveprofile.models.assign import nearest
from liveprofile.models.clusterers.port import Ids, Points
from liveprofile.models.clusterers.stable_ids import GATE, cosines

LEAST_SHARE = 0.5
"""Least share of a cluster's members that must lie in another cluster to count as absorbed by it, or split from it."""


def evolution(before: tuple[Ids, Points], after: tuple[Ids, Points], members: Points) -> dict[str, Any]:
    """Ids by kind of transition; empty if all clusters survived (Spiliopoulou et al., KDD 2006).

    `members` (n, k) are recent examples. Two clusters are related if they share members and their centres have a
    similar direction. A vanished cluster was absorbed by the cluster that has most of its members now. A new cluster
    was split from the cluster that had most of its members before.
    """
    (old, old_centres), (new, new_centres) = before, after
    vanished, emerged = np.setdiff1d(old, new), np.setdiff1d(new, old)
    if not len(old) or not (len(vanished) or len(emerged)):
        return {}
    shared = _shared(old_centres, new_centres, members) * (cosines(old_centres, new_centres) >= GATE)
    absorbed = _partners(old, new, shared, vanished)
    split = _partners(new, old, shared.T, emerged)
    return {
        "survived": np.intersect1d(old, new).tolist(),
        "emerged": [one for one in emerged.tolist() if one not in dict(split)],
        "vanished": [one for one in vanished.tolist() if one not in dict(absorbed)],
        "split": [[origin, one] for one, origin in split],
        "absorbed": [[one, into] for one, into in absorbed],
    }


def _shared(old: Points, new: Points, members: Points) -> Any:
    """How many members each old cluster shares with each new one, (len(old), len(new))."""
    counts = np.zeros((len(old), len(new)))
    if len(members) and len(new):
        np.add.at(counts, (nearest(members, old)[0], nearest(members, new)[0]), 1.0)
    return counts


def _partners(ids: Ids, others: Ids, shared: Any, chosen: Ids) -> list[tuple[int, int]]:
    """For each chosen id, the other cluster that has most of its members, if there is one."""
    found = []
    for one in chosen.tolist():
        row = shared[int(np.flatnonzero(ids == one)[0])]
        if row.sum() and row.max() >= LEAST_SHARE * row.sum():
            found.append((one, int(others[int(row.argmax())])))
    return found
