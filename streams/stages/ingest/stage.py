"""The ingest stage: a batch of input records becomes activities and dead letters, then is acked."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.records.activity import FIRST_LAYOUT, Flag, lasting_offset, source_code
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.stages.ingest.counters import IngestCounters
from liveprofile.streams.stages.ingest.embedding import Embedded, EmbeddingService
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.item_updates import ItemUpdates
from liveprofile.streams.stages.ingest.private_ids import with_private_ids
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.refused import RefusedRecords
from liveprofile.streams.stages.ingest.times import EARLIEST_MS
from liveprofile.streams.stages.ingest.validate import validate

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.transport.record import Headers, Item, Record, TopicPartition

    Accepted = tuple[ValidatedEvent, Record]

log = structlog.get_logger(__name__)

DEFAULT_SKEW_MS = 300_000
"""How far a client's clock may be ahead of the broker's before its time is clamped."""
SLICE_RECORDS = 250
"""Records processed at a time, for some milliseconds; then heartbeats and other stages get their turn."""
_CLAMPED = int(Flag.CLOCK_CLAMPED)
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class IngestStage:
    """Validates, scrubs, pseudonymises and embeds; it has no state except caches.

    A batch is acked when its activities and dead letters are durable. After a crash the same records come again. Their
    activities have the same source, by which a profile drops the repeats.
    """

    name = "ingest"

    def __init__(
        self,
        *,
        key: PseudonymKey,
        embedding: EmbeddingService,
        activity_topic: str,
        clock_ms: Callable[[], int],
        dead_letters_topic: str = "dead-letters",
        topics: Sequence[str] = tuple(INPUTS),
        skew_ms: int = DEFAULT_SKEW_MS,
        currency: str = "EUR",
        item_updates: ItemUpdates | None = None,
        raw_dead_letters: bool = False,
    ) -> None:
        """Without `item_updates`, no item records are sent. `raw_dead_letters` keeps what was sent in dead letters."""
        self.topics = tuple(topics)
        self._kinds = {topic: input_kind(topic) for topic in self.topics}
        self.counters = IngestCounters(embedding=embedding.counters)
        self._key = key
        self._embedding = embedding
        self._activity_topic = activity_topic
        self._dead_letters_topic = dead_letters_topic
        self._clock_ms = clock_ms
        self._skew_ms = skew_ms
        self._currency = currency
        self._item_updates = item_updates
        self._raw_dead_letters = raw_dead_letters
        self._no_text: Embedded = (bytes(2 * embedding.dims), None)

    async def start(self, outbox: Outbox) -> None:
        """Prepare embedding and sending."""
        self._outbox = outbox
        layout = outbox.layout(self._activity_topic) or FIRST_LAYOUT
        self._encoder = Encoder(self._embedding.dims, self._currency, layout)
        self._pseudonyms = Pseudonyms(self._key, outbox.partitions(self._activity_topic))
        self._refused = RefusedRecords(self._key, self._pseudonyms, raw=self._raw_dead_letters)
        if self._raw_dead_letters:
            log.warning(
                "dead letters are raw",
                topic=self._dead_letters_topic,
                why="ingest.raw_dead_letters: refused records keep user ids and whatever else was sent",
                next="turn it off as soon as the fault is found, and delete the topic's records",
            )
        self._dead_letter_partitions = outbox.partitions(self._dead_letters_topic)
        if self._item_updates is not None:
            self._item_partitions = outbox.partitions(self._item_updates.topic)
        await self._embedding.start()

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Process a batch. An error of the model or of a delivery is raised, and the batch is not acked."""
        batches: dict[int, list[Item]] = defaultdict(list)
        letters: list[Item] = []
        item_updates: dict[int, list[bytes]] = defaultdict(list)
        for first in range(0, len(batch), SLICE_RECORDS):
            await self._process(topic, partition, batch[first : first + SLICE_RECORDS], batches, letters, item_updates)
        sends = [self._outbox.send(self._activity_topic, number, items) for number, items in batches.items()]
        if letters:
            sends.append(self._outbox.send(self._dead_letters_topic, partition % self._dead_letter_partitions, letters))
        if self._item_updates is not None:
            topic_of_items = self._item_updates.topic
            sends += [
                self._outbox.send(topic_of_items, number, [(None, value, ()) for value in values])
                for number, values in item_updates.items()
            ]
        await asyncio.gather(*sends)
        ack()
        self.counters.records += len(batch)
        self.counters.events += len(batch) - len(letters)
        self.counters.activities += sum(map(len, batches.values()))

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Nothing to write: every handled batch is durable already."""

    async def stop(self) -> None:
        """Flush the text cache and end the embedding thread."""
        await self._embedding.stop()

    async def _process(
        self,
        topic: str,
        partition: int,
        records: Sequence[Record],
        batches: dict[int, list[Item]],
        letters: list[Item],
        item_updates: dict[int, list[bytes]],
    ) -> None:
        """Add the results of some records to `batches`, `letters` and `item_updates`."""
        accepted = self._judge(topic, partition, records, letters)
        texts = [line.text for event, _ in accepted for line in event.lines if line.text]
        await asyncio.sleep(0)
        vectors = iter(await self._embedding.vectors(texts))
        self._add_activities(topic, partition, accepted, vectors, batches, item_updates)

    def _judge(self, topic: str, partition: int, records: Sequence[Record], letters: list[Item]) -> list[Accepted]:
        """The accepted events with their records; dead letters of refused ones are added to `letters`."""
        accepted: list[Accepted] = []
        kind, generation = self._kinds[topic], self._outbox.generation(topic)
        origin = f"{topic}@{generation}" if generation else topic
        for record in records:
            value = record.value
            verdict = validate(kind, value)
            if isinstance(verdict, Refusal):
                letters.append(self._refused.letter(verdict, origin, partition, record.offset, record.timestamp, value))
                self.counters.refused[verdict.reason] += 1
            else:
                accepted.append((verdict, record))
        return accepted

    def _add_activities(
        self,
        topic: str,
        partition: int,
        accepted: list[Accepted],
        vectors: Iterator[Embedded],
        batches: dict[int, list[Item]],
        item_updates: dict[int, list[bytes]],
    ) -> None:
        """Add activity records to the batches of their partitions, in order, and new item records."""
        pseudonyms, encode = self._pseudonyms, self._encoder.encode
        first_source = source_code(self._kinds[topic], partition, lasting_offset(self._outbox.generation(topic), 0))
        for accepted_event, record in accepted:
            event = with_private_ids(accepted_event, pseudonyms)
            profile_id, number = pseudonyms.of(event.shopper)
            device, network = pseudonyms.device(event.device), pseudonyms.network(event.network)
            arrival_ms = self._arrival_ms(record)
            time_ms, flags = event.time_ms or arrival_ms, 0
            if time_ms > arrival_ms + self._skew_ms:
                time_ms, flags = arrival_ms + self._skew_ms, _CLAMPED
                self.counters.clock_clamped += 1
            embedded = [next(vectors) if line.text else self._no_text for line in event.lines]
            headers = _trace(record.headers) if record.headers else ()
            for value in encode(event, embedded, first_source + record.offset, time_ms, flags, device, network):
                batches[number].append((profile_id, value, headers))
            if self._item_updates is not None:
                for line, one in zip(event.lines, embedded, strict=True):
                    self._item_updates.note(event, line, one, time_ms, self._item_partitions, item_updates)

    def _arrival_ms(self, record: Record) -> int:
        """The broker's time of the record: a replay clamps as the first pass did, whatever this machine's clock.

        This machine's clock is used only if the topic has no times (CreateTime, and a producer that sends none).
        """
        known = record.timestamp is not None and record.timestamp >= EARLIEST_MS
        return record.timestamp if known else self._clock_ms()


def input_kind(topic: str) -> str:
    """The contract's input that a topic carries; its name may have a prefix. ValueError for another topic.

    >>> input_kind("test7-clicks")
    'clicks'
    """
    for kind in INPUTS:
        if topic.endswith(kind):
            return kind
    raise ValueError(f"topic {topic!r} is no input: its name has to end in one of {', '.join(INPUTS)}.")


def _trace(headers: Headers) -> Headers:
    """The trace context to pass on (W3C traceparent), if there is a well-formed one."""
    for name, value in headers:
        if name == "traceparent" and isinstance(value, bytes) and _TRACEPARENT.fullmatch(value):
            return ((name, value),)
    return ()
