"""Judges an input record before it is written, by the validators of ingest: what passes is no dead letter later."""

from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.clocks import too_old
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.feedback import ON_ANOMALY
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.validate import validate


def refusal_of(kind: str, value: bytes, *, now_ms: int, oldest_ms: int) -> Refusal | None:
    """Why a record of an input would be refused, in words without its values; None for one that would not.

    `kind` is the name of the input without a prefix. `oldest_ms` is how long before its arrival an event may lie.

    >>> from liveprofile.streams.contract.inputs.common import EARLIEST_MS
    >>> refusal_of("searches", b'{"user_id": "u1", "query": ""}', now_ms=EARLIEST_MS, oldest_ms=0).reason
    <Reason.NO_TEXT: 'no-text'>
    >>> refusal_of("clicks", b'{"user_id": "u1", "item_id": "i1"}', now_ms=EARLIEST_MS, oldest_ms=0)
    """
    verdict = validate(kind, value)
    if isinstance(verdict, Refusal):
        return verdict
    if verdict == PassedOver(ON_ANOMALY):
        return Refusal(Reason.UNKNOWN_FEEDBACK, "Verdicts on anomalies go to POST /v1/anomalies/{id}/verdict.")
    if isinstance(verdict, ValidatedEvent) and verdict.time_ms is not None and verdict.time_ms < now_ms - oldest_ms:
        return too_old(oldest_ms)
    return None
