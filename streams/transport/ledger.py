"""What of one partition was handed out and what of it is done: the offset that may be committed, run by run."""

from __future__ import annotations

from collections import deque


class Receipt:
    """One run that was handed out: ends before offset `end`, and is done once acked."""

    __slots__ = ("_ledger", "done", "end")

    def __init__(self, ledger: Ledger, end: int) -> None:
        self._ledger = ledger
        self.end = end
        self.done = False

    def ack(self) -> None:
        """Say that everything of the run is durable. Again, or after the partition was given up: nothing happens."""
        self.done = True
        self._ledger.advance()

    @property
    def given_up(self) -> bool:
        """Whether the partition was given up since the run was handed out."""
        return self._ledger.closed


class Ledger:
    """Runs of one partition in order; its position only passes a run when that run and all before it are acked.

    Costs one small object per run, whatever the number of records: records are never held here.

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
        """Enter the run of offsets `start` to `end` (exclusive). Raises `ValueError` if it was handed out before."""
        if start < self._handed_out:
            raise ValueError(f"offset {start} was handed out before (up to {self._handed_out}): two fetches crossed")
        receipt = Receipt(self, end)
        self._open.append(receipt)
        self._handed_out = end
        return receipt

    def advance(self) -> None:
        """Move the position over the acked runs at the front; a closed ledger stays where it was."""
        while not self.closed and self._open and self._open[0].done:
            self._position = self._open.popleft().end

    @property
    def uncommitted(self) -> int | None:
        """The offset to commit, or None when nothing was acked since the last commit."""
        return self._position if self._position != self._committed else None

    def committed(self, offset: int) -> None:
        """Remember that `offset` is stored with the group."""
        self._committed = offset

    @property
    def open_batches(self) -> int:
        """How many runs are handed out and not behind the position yet."""
        return len(self._open)

    def close(self) -> None:
        """Give the partition up: later acks count for nothing, its next owner reads again from the committed offset."""
        self.closed = True
        self._open.clear()
