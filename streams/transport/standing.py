"""How far a consumer is on one partition, and where that ended when the broker was last asked."""

from __future__ import annotations

from typing import NamedTuple


class Standing(NamedTuple):
    """Offsets; None where they are not known."""

    fetched: int | None
    """The next offset that the consumer gives out."""
    delivered: int | None
    """The offset after the last record that it has given out."""
    end: int | None
    """The end of the partition, as of the last response to a fetch."""


NOWHERE = Standing(None, None, None)
"""Of a partition that is not assigned."""
