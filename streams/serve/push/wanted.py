"""What a client of the stream wants to see: kinds of records, filters, and the fields that its token sees."""

from dataclasses import dataclass

import orjson

from liveprofile.streams.query.filters import Filters
from liveprofile.streams.serve.auth.scopes import Principal
from liveprofile.streams.serve.auth.seen import seen_change
from liveprofile.streams.serve.follow.apply import Fact

CHANGE, ANOMALY = "change", "anomaly"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters for changes and for anomalies; None for records that are not wanted."""

    who: Principal
    changes: Filters | None
    anomalies: Filters | None
    changes_topic: str

    def seen(self, fact: Fact) -> tuple[str, bytes] | None:
        """The kind of a record, and as much of it as is seen; None for one that is not wanted, or not seen."""
        is_change = fact.topic == self.changes_topic
        filters = self.changes if is_change else self.anomalies
        if filters is None:
            return None
        value = seen_change(fact.value, self.who) if is_change else fact.value
        if value is None or (filters != _ALL and not filters.take(orjson.loads(value))):
            return None
        return (CHANGE if is_change else ANOMALY), value


_ALL = Filters()
