"""The course of a next-item replay: what happens before each row is asked about, and when.

The tables know an order and no times. Row n is asked `ROW_MS` after row n - 1; what its user had before and was not
told yet comes a day apart, up to a day before it: people buy on different days, and sessions and half-lives should mean
something. Most of it is late for the stream, but in order for its profile.
"""

from collections.abc import Sequence

from liveprofile.streams.datasets.amazon import FIRST_STEP_MS, STEP_MS, NextItem, Step, purchase
from liveprofile.streams.datasets.record import Record

ROW_MS = 1_200_000
"""20 minutes between two rows: 9,000 rows take four months."""


class Course:
    """Remembers what each user's profile has been told."""

    def __init__(self, brands: dict[str, str | None]) -> None:
        """`brands` of items, which the tables do not have."""
        self._brands = brands
        self._details: dict[str, list[Step]] = {}
        self._last_ms: dict[str, int] = {}
        self.row = 0

    def before(self, row: NextItem) -> list[Record]:
        """What the user had before this row and was not told yet."""
        new = unseen(self._details.get(row.user, ()), row.history)
        now_ms = FIRST_STEP_MS + self.row * ROW_MS
        first_ms = self._last_ms.get(row.user, 0) + 1
        return [
            self._record(row.user, step, max(now_ms - (len(new) - at) * STEP_MS, first_ms + at))
            for at, step in enumerate(new)
        ]

    def after(self, row: NextItem) -> list[Record]:
        """What the row asked about happens."""
        now_ms = max(FIRST_STEP_MS + self.row * ROW_MS, self._last_ms.get(row.user, 0) + 1)
        self.row += 1
        return [self._record(row.user, row.item, now_ms)]

    def _record(self, user: str, step: Step, time_ms: int) -> Record:
        details = self._details.setdefault(user, [])
        details.append(step)
        self._last_ms[user] = time_ms
        item, title = step
        line = {"item_id": item, "title": title, "quantity": 1, "brand": self._brands.get(item)}
        known = {name: value for name, value in line.items() if value}
        return purchase(user, f"{user}-{len(details)}", time_ms, known)


def unseen(details: Sequence[Step], history: Sequence[Step]) -> Sequence[Step]:
    """The steps of a history that come after those told; it was cut at its beginning, so its start may be known.

    >>> unseen([("1", "a"), ("2", "b")], [("2", "b"), ("3", "c")])
    [('3', 'c')]
    """
    for length in range(min(len(details), len(history)), 0, -1):
        if list(details[-length:]) == list(history[:length]):
            return history[length:]
    return history
