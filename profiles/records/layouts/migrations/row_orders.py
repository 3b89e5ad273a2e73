"""Rows before orders were known by their ids, and sessions that go on at once were kept apart."""

from typing import Any

import numpy.typing as npt

RING = 32
"""Places of the ring of event ids in the older layout."""


def know_orders(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> None:
    """Take all orders of a shopper with any spend as priced, and the ids in the ring as without input and action."""
    new["orders_priced"] = old["orders"] * (old["spent"] > 0)
    new["session_seen_ms"] = old["seen_ms"]
    with_ids = old["event_ids"].any(axis=1)
    new["event_ids_kept"][with_ids] = new["event_ids_plain"][with_ids] = RING
