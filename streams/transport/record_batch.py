"""A run: the fetched records of one partition that Faust carries as the value of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from faust import Schema

from liveprofile.streams.transport.ledger import Receipt
from liveprofile.streams.transport.record import Record


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one partition in offset order, never empty, with the receipt that acks them as a whole."""

    topic: str
    partition: int
    records: Sequence[Record]
    receipt: Receipt


class RunSchema(Schema):  # type: ignore[misc]  # Faust is taken as untyped
    """Hands the run to the agent as it is: stages decode records themselves, so that nothing unreadable raises here."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """A run has no key."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> RecordBatch:
        """The run itself."""
        batch: RecordBatch = message.value
        return batch
