"""What a reader yields, and how it says what it left out."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, NamedTuple

CLICKS = "clicks"
SEARCHES = "searches"
PURCHASES = "purchases"
REVIEWS = "reviews"
FEEDBACK = "feedback"
DECLARATIONS = "declarations"
TOPICS = (CLICKS, SEARCHES, PURCHASES, REVIEWS, FEEDBACK, DECLARATIONS)

Skipped = Counter[str]
"""Rows that became no record, by reason; readers count into it."""

UNREADABLE = "a row with a number or time that cannot be read"


class Record(NamedTuple):
    """A contract record on its way into an input topic; `fields["ts"]` is epoch milliseconds if known."""

    topic: str
    key: str
    fields: dict[str, Any]

    @property
    def time_ms(self) -> int | None:
        """Event time in epoch milliseconds."""
        return self.fields.get("ts")


def person(user: str | None, otherwise: str) -> dict[str, str]:
    """The field that says who it was: a user_id, or an anonymous_id where no user is known.

    >>> person("17850", "invoice-1"), person("", "invoice-1")
    ({'user_id': '17850'}, {'anonymous_id': 'invoice-1'})
    """
    return {"user_id": user} if user else {"anonymous_id": otherwise}


def utc_ms(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time, UTC where it names no zone. ValueError if it is none.

    >>> utc_ms("1970-01-01 00:00:01"), utc_ms("1970-01-01 00:00:01 UTC"), utc_ms("1970-01-01T01:00:01+01:00")
    (1000, 1000, 1000)
    """
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
