"""A record batch: the fetched records of one partition. Faust passes those of one fetch as the value of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from faust import Schema

from liveprofile.streams.transport.ledger import Receipt
from liveprofile.streams.transport.record import Record


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one partition in offset order, never empty, with the receipt that acks all of them."""

    topic: str
    partition: int
    records: Sequence[Record]
    receipt: Receipt


class BatchSchema(Schema):  # type: ignore[misc]  # Faust is taken as untyped
    """Passes batches to the agent unchanged: stages decode records themselves, so damaged ones do not raise here."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """Batches have no key."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> Sequence[RecordBatch]:
        """The batches themselves."""
        batches: Sequence[RecordBatch] = message.value
        return batches
