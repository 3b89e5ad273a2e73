"""Predictions: the chances that a shopper buys or leaves, and the examples that wait for their outcome."""

import numpy as np

from profiles.compiled import compiled
from profiles.policy import Rules
from profiles.row import INPUTS, Row
from profiles.world import Findings, World

LABELLED = np.dtype(
    [
        ("event", "<i4"),  # place of the activity in the batch; of the profile in the table, where time alone decided
        ("task", "u1"),
        ("label", "u1"),  # 1: it happened
        ("time_ms", "<i8"),  # when the outcome was known
        ("chance", "<f4"),  # what had been predicted
        ("input", "<i2", (INPUTS,)),
    ],
)
MOST_PER_EVENT = 6
"""Examples whose outcome one activity decides, at most."""


@compiled
def predict(row: Row, event: Row, pause_ms: int, rules: Rules, world: World, found: Findings) -> None:
    """Settle what this activity decides, predict anew, and keep an example where it is due."""
