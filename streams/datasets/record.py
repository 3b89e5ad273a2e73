"""The records that readers yield, and the counter of skipped rows."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from liveprofile.streams.contract.inputs.common import LATEST_MS

CLICKS = "clicks"
SEARCHES = "searches"
PURCHASES = "purchases"
REVIEWS = "reviews"
FEEDBACK = "feedback"
DECLARATIONS = "declarations"
TOPICS = (CLICKS, SEARCHES, PURCHASES, REVIEWS, FEEDBACK, DECLARATIONS)


class Skipped(Counter[str]):
    """Counts of rows without a record, by reason; and where the first of them is."""

    def __init__(self, at: Callable[[], tuple[int, str]] | None = None) -> None:
        """`at` gives the number and the text of the line that is being read."""
        super().__init__()
        self._at = at
        self.first: tuple[int, str, str] | None = None
        """Number and text of the first line without a record, and the reason."""

    def __setitem__(self, reason: str, count: int) -> None:
        if self.first is None and self._at is not None:
            self.first = (*self._at(), reason)
        super().__setitem__(reason, count)


UNREADABLE = "a row with a number or time that cannot be read"


class Record(NamedTuple):
    """A record of the contract for an input topic; `fields["ts"]` is epoch milliseconds if known."""

    topic: str
    key: str
    fields: dict[str, Any]

    @property
    def time_ms(self) -> int | None:
        """Event time in epoch milliseconds; None for none, and for a number in another unit, such as microseconds."""
        ts = self.fields.get("ts")
        return ts if isinstance(ts, int) and ts <= LATEST_MS else None


def person(user: str | None, otherwise: str) -> dict[str, str]:
    """The identity field: a user_id, or an anonymous_id for an unknown user.

    >>> person("17850", "invoice-1"), person("", "invoice-1")
    ({'user_id': '17850'}, {'anonymous_id': 'invoice-1'})
    """
    return {"user_id": user} if user else {"anonymous_id": otherwise}


def utc_ms(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time, UTC without a zone. ValueError for another text.

    >>> utc_ms("1970-01-01 00:00:01"), utc_ms("1970-01-01 00:00:01 UTC"), utc_ms("1970-01-01T01:00:01+01:00")
    (1000, 1000, 1000)
    """
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
