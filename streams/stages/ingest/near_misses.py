"""Names fields in the log that are not read but look like known ones, once each: a producer's slip, such as `titel`.

Names of fields are the sender's. What is logged is the known field, and of the unknown one only a short ASCII
identifier that few edits, or a closed list, turn into the known one: no id of anybody fits into that.
"""

from collections import Counter

import structlog

from liveprofile.streams.stages.ingest.unknown_fields import UnknownFields

ALL_OF = 1_000
"""So many records of each input are looked at, and then every `ONE_IN`th: a slip is in each record of a producer."""
ONE_IN = 50

log = structlog.get_logger(__name__)


class NearMisses:
    """Looks at records of the inputs, and counts in `found` those that it looked at, by input and known field."""

    def __init__(self, found: Counter[tuple[str, str]]) -> None:
        self._found = found
        self._fields = UnknownFields()
        self._records: Counter[str] = Counter()

    def look(self, topic: str, value: bytes | None) -> None:
        """Look at one record of an input; a slip that was not seen before is logged."""
        self._records[topic] += 1
        number = self._records[topic]
        if not value or (number > ALL_OF and number % ONE_IN):
            return
        for miss in self._fields.shape(topic, value).near:
            self._found[topic, miss.known] += 1
            if self._found[topic, miss.known] == 1:
                log.warning(
                    "a field is not read, and looks like one that is",
                    input=topic,
                    field=miss.unknown,
                    looks_like=miss.known,
                    next="liveprofile check FILE names all of them",
                )
