"""The metrics of ingest, read from its counters."""

from collections import Counter
from collections.abc import Iterable, Iterator

from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.stages.ingest.counters import EmbeddingCounters, IngestCounters

REASONS = tuple(reason for reason in Reason if reason is not Reason.UNREADABLE_ACTIVITY)


def readings(counters: IngestCounters, inputs: Iterable[str]) -> Iterator[Reading]:
    """All of them; of each input and reason there is a series from the start, so that the first one is seen to rise."""
    for kind in inputs:
        refused = counters.refused_by_input.get(kind, Counter())
        yield of.EVENTS.read(counters.accepted_by_input[kind], kind, "accepted")
        yield of.EVENTS.read(counters.passed_over_by_input[kind], kind, "passed_over")
        yield of.EVENTS.read(sum(refused.values()), kind, "refused")
        for reason in REASONS:
            yield of.DEAD_LETTERS.read(refused.get(reason, 0), kind, reason)
    yield from _of_embedding(counters.embedding)


def _of_embedding(texts: EmbeddingCounters) -> Iterator[Reading]:
    found = {"memory": texts.from_memory, "shared": texts.shared, "disk": texts.from_disk, "model": texts.embedded}
    for outcome, count in found.items():
        yield of.EMBED_TEXTS.read(count, outcome)
    yield of.EMBED_SECONDS.read(texts.seconds)
    yield of.EMBED_BATCH_TEXTS.read(texts.sizes)
