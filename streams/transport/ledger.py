"""Batches of one partition that were delivered and acked: the ledger gives the offset that may be committed."""

from __future__ import annotations

from collections import deque


class Receipt:
    """One delivered batch: it ends before offset `end`, and is done once acked."""

    __slots__ = ("_ledger", "done", "end")

    def __init__(self, ledger: Ledger, end: int) -> None:
        self._ledger = ledger
        self.end = end
        self.done = False

    def ack(self) -> None:
        """Confirm that everything of the batch is durable. A second call, or one after a revocation, does nothing."""
        self.done = True
        self._ledger.advance()

    @property
    def given_up(self) -> bool:
        """Whether the partition was revoked since the batch was delivered."""
        return self._ledger.closed


class Ledger:
    """Batches of one partition in order; the position moves past a batch when it and all before it are acked.

    Costs one small object per batch, whatever its number of records; records are not held here.

    >>> ledger = Ledger()
    >>> first, second = ledger.hand_out(0, 10), ledger.hand_out(10, 15)
    >>> second.ack(); ledger.uncommitted is None
    True
    >>> first.ack(); ledger.uncommitted
    15
    """

    __slots__ = ("_committed", "_handed_out", "_open", "_position", "closed")

    def __init__(self) -> None:
        self._open: deque[Receipt] = deque()
        self._handed_out = 0
        self._position: int | None = None
        self._committed: int | None = None
        self.closed = False

    def hand_out(self, start: int, end: int) -> Receipt:
        """Enter a batch with offsets `start` to `end` (exclusive). Raises `ValueError` if it was delivered before."""
        if start < self._handed_out:
            raise ValueError(f"offset {start} was delivered before (up to {self._handed_out}): two fetches overlap")
        receipt = Receipt(self, end)
        self._open.append(receipt)
        self._handed_out = end
        return receipt

    def advance(self) -> None:
        """Move the position past the acked batches at the front; a closed ledger does not move."""
        while not self.closed and self._open and self._open[0].done:
            self._position = self._open.popleft().end

    @property
    def uncommitted(self) -> int | None:
        """The offset to commit, or None if nothing was acked since the last commit."""
        return self._position if self._position != self._committed else None

    def committed(self, offset: int) -> None:
        """Note that `offset` is committed."""
        self._committed = offset

    @property
    def handed_out(self) -> int | None:
        """The offset after the last delivered record; None before the first."""
        return self._handed_out or None

    @property
    def open_batches(self) -> int:
        """Number of delivered batches that are not behind the position yet."""
        return len(self._open)

    def close(self) -> None:
        """Close at a revocation: later acks are ignored, and the next owner reads again from the committed offset."""
        self.closed = True
        self._open.clear()
