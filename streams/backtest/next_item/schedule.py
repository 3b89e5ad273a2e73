"""The schedule of a next-item replay: the purchases before each row, and their times.

The tables have an order but no times. Row n is predicted `ROW_MS` after row n - 1. Earlier items of its user that were
not sent yet get times one day apart, the last one a day before the row, so that sessions and half-lives have a meaning.
Most of these events are late for the stream, but in order for their profile.
"""

from collections.abc import Sequence

from liveprofile.streams.datasets.amazon import FIRST_STEP_MS, STEP_MS, NextItem, Step, purchase
from liveprofile.streams.datasets.record import Record

ROW_MS = 1_200_000
"""20 minutes between two rows: 9,000 rows take four months."""


class PurchaseSchedule:
    """Makes purchase records, and remembers which items of each user were sent."""

    def __init__(self, brands: dict[str, str | None]) -> None:
        """`brands` of items, which the tables do not have."""
        self._brands = brands
        self._sent: dict[str, list[Step]] = {}
        self._last_ms: dict[str, int] = {}
        self.row = 0

    def before(self, row: NextItem) -> list[Record]:
        """Purchases of the user before this row that were not sent yet."""
        new = unseen(self._sent.get(row.user, ()), row.history)
        now_ms = FIRST_STEP_MS + self.row * ROW_MS
        first_ms = self._last_ms.get(row.user, 0) + 1
        return [
            self._record(row.user, step, max(now_ms - (len(new) - at) * STEP_MS, first_ms + at))
            for at, step in enumerate(new)
        ]

    def after(self, row: NextItem) -> list[Record]:
        """The purchase of the row itself."""
        now_ms = max(FIRST_STEP_MS + self.row * ROW_MS, self._last_ms.get(row.user, 0) + 1)
        self.row += 1
        return [self._record(row.user, row.item, now_ms)]

    def _record(self, user: str, step: Step, time_ms: int) -> Record:
        sent = self._sent.setdefault(user, [])
        sent.append(step)
        self._last_ms[user] = time_ms
        item, title = step
        line = {"item_id": item, "title": title, "quantity": 1, "brand": self._brands.get(item)}
        known = {name: value for name, value in line.items() if value}
        return purchase(user, f"{user}-{len(sent)}", time_ms, known)


def unseen(sent: Sequence[Step], history: Sequence[Step]) -> Sequence[Step]:
    """The steps of a history after those already sent; a history is cut at its beginning.

    >>> unseen([("1", "a"), ("2", "b")], [("2", "b"), ("3", "c")])
    [('3', 'c')]
    """
    for length in range(min(len(sent), len(history)), 0, -1):
        if list(sent[-length:]) == list(history[:length]):
            return history[length:]
    return history
