"""River's Half-Space Trees (Tan, Ting and Liu, IJCAI 2011) that can be saved, restored and sent as arrays.

Trees are heaps: node n has the children 2 n + 1 and 2 n + 2. Inputs from 0 to 1 are bytes from 0 to 255.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np

BYTE = 255


class HalfSpace:
    """Learns vectors of `inputs` numbers from 0 to 1.

    The masses in use are those of the last full window; there is nothing to send before the first window is full.
    """

    def __init__(self, inputs: int, *, trees: int = 12, height: int = 6, window: int = 500, seed: int = 7) -> None:
        from river.anomaly import (
            HalfSpaceTrees,  # here: River takes a second to import, and only a worker that learns needs it
        )

        self.inputs, self.height = inputs, height
        self._model = HalfSpaceTrees(n_trees=trees, height=height, window_size=window, seed=seed)
        self.learn([0.0] * inputs)
        self._nodes = [list(_heap(tree, height)) for tree in self._model.trees]
        self._reset()

    def _reset(self) -> None:
        """Reset the masses that were counted while the trees were built."""
        self._model.counter = 0
        for nodes in self._nodes:
            for node in nodes:
                node.l_mass = node.r_mass = 0

    def learn(self, x: Sequence[float]) -> None:
        """Learn one vector."""
        self._model.learn_one(dict(enumerate(x)))

    @property
    def ready(self) -> bool:
        """Whether a window is complete."""
        return not self._model._first_window

    def arrays(self) -> dict[str, Any]:
        """The trees as an adoption record holds them: base64 of bytes, and of 16-bit little-endian numbers."""
        inner = (1 << self.height) - 1
        split = [[ceil(node.threshold * BYTE) for node in nodes[:inner]] for nodes in self._nodes]
        return {
            "trees": len(self._nodes),
            "height": self.height,
            "window": self._model.window_size,
            "feature": _text(np.array([[node.feature for node in nodes[:inner]] for nodes in self._nodes], "u1")),
            "split": _text(np.array(split, "<u2")),
            "mass": _text(np.array([[node.r_mass for node in nodes] for nodes in self._nodes], "<u2")),
        }

    def snapshot(self) -> dict[str, Any]:
        """The masses and the position in the window; the splits follow from the seed."""
        masses = [[[node.l_mass, node.r_mass] for node in nodes] for nodes in self._nodes]
        return {"counter": self._model.counter, "first": self._model._first_window, "masses": masses}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a snapshot made with the same parameters."""
        self._model.counter, self._model._first_window = state["counter"], state["first"]
        for nodes, masses in zip(self._nodes, state["masses"], strict=True):
            for node, (left, right) in zip(nodes, masses, strict=True):
                node.l_mass, node.r_mass = left, right


def _heap(root: Any, height: int) -> Iterator[Any]:
    """The nodes of a full tree, level by level."""
    level = [root]
    for depth in range(height + 1):
        yield from level
        level = [child for node in level for child in node.children] if depth < height else []


def _text(array: np.ndarray[Any, Any]) -> str:
    return b64encode(array.tobytes()).decode("ascii")
