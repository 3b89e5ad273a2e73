"""Erasures that the fold has carried out: said in the log, and remembered until a durable checkpoint has them."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.streams.transport.record import Record

log = structlog.get_logger(__name__)


class Erasures:
    """Those of one partition. Until the checkpoint, the state that is in Kafka has the profile."""

    def __init__(self, number: int) -> None:
        """None yet."""
        self._number = number
        self._since: list[int] = []
        """Broker times of erasures that no checkpoint has taken."""
        self._taken: list[int] = []
        """Those in the checkpoint under way."""

    @property
    def oldest_ms(self) -> int:
        """Broker time of the oldest that is in no durable checkpoint; 0 without one."""
        return min((*self._since, *self._taken), default=0)

    def note(self, result: FoldResult, batch: Sequence[Record], first: int) -> None:
        """Log that profiles were erased, with the position of each erasure, but without a name or a pseudonym.

        Of idle profiles that were forgotten, only the number. `first` is what was added to the batch's offsets.
        """
        gone = [fact for fact in result.changes if fact.record.origin == "erasure"]
        if not gone:
            return
        times_ms = {first + record.offset: record.timestamp for record in batch}
        erased = [fact for fact in gone if fact.record.changes[0].reason.code == Code.ERASED]
        for fact in erased:
            log.info("profile erased", at=fact.cause)
            self._since.append(times_ms[fact.activity_offset])
        if len(gone) > len(erased):
            log.info("idle profiles forgotten", partition=self._number, profiles=len(gone) - len(erased))

    def taken(self) -> None:
        """A checkpoint begins that has them."""
        self._taken += self._since
        self._since = []

    def kept(self) -> None:
        """The checkpoint is durable."""
        self._taken = []
