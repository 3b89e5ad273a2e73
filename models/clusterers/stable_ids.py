"""Stable ids: a cluster keeps its id while it moves, and an id is never reused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.clusterers.port import Ids, Points

GATE = 0.8
"""Least cosine of an old and a new centre that count as the same cluster."""


class StableIds:
    """Keeps ids stable when clusters are relabelled.

    New centres are matched one to one to the previous ones with the greatest sum of cosines (Hungarian method, Kuhn
    1955); pairs below `GATE` are left out. A new centre without a match gets a new id. The id of an old centre without
    a match is never used again, as in MONIC (Spiliopoulou et al., KDD 2006).
    """

    def __init__(self, dims: int, first_id: int = 0) -> None:
        self.next_id = first_id
        self.ids: Ids = np.empty(0, dtype=np.int64)
        self.centres: Points = np.empty((0, dims), dtype=np.int16)

    def follow(self, centres: Points) -> None:
        """Take new centres of shape (c, dims) and give each an id."""
        from scipy.optimize import (
            linear_sum_assignment,  # here: SciPy takes half a second to import, and only a worker that learns needs it
        )

        ids = np.full(len(centres), -1, dtype=np.int64)
        similar = cosines(centres, self.centres)
        new, old = linear_sum_assignment(np.where(similar >= GATE, similar, 0.0), maximize=True)
        same = similar[new, old] >= GATE
        ids[new[same]] = self.ids[old[same]]
        unknown = ids < 0
        ids[unknown] = np.arange(self.next_id, self.next_id + unknown.sum())
        self.next_id += int(unknown.sum())
        order = np.argsort(ids)
        self.ids, self.centres = ids[order], centres[order]

    def snapshot(self) -> dict[str, Any]:
        """The state in integers."""
        return {"next_id": self.next_id, "ids": self.ids.tolist(), "centres": self.centres.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot."""
        self.next_id = state["next_id"]
        self.ids = np.array(state["ids"], dtype=np.int64)
        self.centres = np.array(state["centres"], dtype=np.int16).reshape(-1, self.centres.shape[1])


def cosines(a: npt.NDArray[np.int16], b: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Cosine of every row of `a` with every row of `b`, shape (len(a), len(b)); 0 where a row is all zeros."""
    products = a.astype(np.float64) @ b.astype(np.float64).T
    lengths = np.outer(np.linalg.norm(a.astype(np.float64), axis=1), np.linalg.norm(b.astype(np.float64), axis=1))
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
