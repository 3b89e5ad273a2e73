"""The ingest stage: a batch of input records becomes activities and dead letters, then is acked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.records.activity import FIRST_LAYOUT, Flag, lasting_offset, source_code
from liveprofile.streams.contract.inputs import INPUTS, input_kind
from liveprofile.streams.contract.inputs.common import broker_time_ms
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.stage import Write
from liveprofile.streams.runtime.together import Together
from liveprofile.streams.stages.ingest.clocks import Told, corrected, known_ms, too_old
from liveprofile.streams.stages.ingest.counters import IngestCounters
from liveprofile.streams.stages.ingest.embedding import Embedded, EmbeddingService
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.exchange import Exchange
from liveprofile.streams.stages.ingest.exchange_file import ExchangeFile
from liveprofile.streams.stages.ingest.headers import is_replayed, passed_on
from liveprofile.streams.stages.ingest.heavy_hitters import HeavyHitters
from liveprofile.streams.stages.ingest.item_updates import ItemUpdates
from liveprofile.streams.stages.ingest.marks import Marks, Unmarked
from liveprofile.streams.stages.ingest.near_misses import NearMisses
from liveprofile.streams.stages.ingest.outgoing import Outgoing
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.private_ids import with_private_ids
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.readings import readings
from liveprofile.streams.stages.ingest.refused import RefusedRecords
from liveprofile.streams.stages.ingest.report import Report
from liveprofile.streams.stages.ingest.slices import Accepted, Fetched, Slice
from liveprofile.streams.stages.ingest.turns import Turns
from liveprofile.streams.stages.ingest.unknown_fields import ELSEWHERE
from liveprofile.streams.stages.ingest.validate import Verdict, validate
from liveprofile.streams.stages.ingest.words_by_language import ENGLISH

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.transport.record import Record, TopicPartition

log = structlog.get_logger(__name__)

DEFAULT_SKEW_MS = 300_000
"""A larger lead of a client's clock is flagged and counted."""
DEFAULT_OLDEST_MS = 366 * 86_400_000
"""How long before its arrival an event may lie, unless its record says that it is replayed."""
DEFAULT_HEAVY_SHARE = 0.02
LARGE_RECORD_BYTES = 32 * 1024
"""A record of this size is validated in a thread: with titles full of digits, it takes 30 ms, a megabyte a second."""
_CLAMPED, _REPLAYED = int(Flag.CLOCK_CLAMPED), int(Flag.REPLAYED)


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
        oldest_ms: int = DEFAULT_OLDEST_MS,
        currency: str = "EUR",
        item_updates: ItemUpdates | None = None,
        raw_dead_letters: bool = False,
        placeholders: Sequence[str] = (),
        heavy_share: float = DEFAULT_HEAVY_SHARE,
        exchange: ExchangeFile | None = None,
        marks: bool = False,
        language: str = ENGLISH,
    ) -> None:
        """Without `item_updates`, no item records are sent. `raw_dead_letters` keeps what was sent in dead letters.
        With `marks`, activities carry how far ingest has come.

        `placeholders` are words beside those that ship. A shopper with `heavy_share` of all events is named in the
        log. `language` is the shop's.
        """
        self.topics = tuple(topics)
        self._kinds = {topic: input_kind(topic) for topic in self.topics}
        self._placeholder_words = placeholders
        self._exchange_file, self._exchange = exchange, exchange.exchange if exchange else Exchange(currency)
        self._placeholders = Placeholders(placeholders)
        self._language = language
        self.counters = IngestCounters(embedding=embedding.counters, placeholders=self._placeholders.counts)
        self.counters.currencies = self._exchange.counts
        self._report = Report(self.counters)
        self._near_misses = NearMisses(self.counters.near_misses)
        self._heavy = HeavyHitters(heavy_share)
        self._oldest_ms = oldest_ms
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
        self._together = Together(self._process)
        self._has_marks = marks
        self._marks = Unmarked()

    async def start(self, outbox: Outbox) -> None:
        """Prepare embedding and sending."""
        self._outbox = outbox
        layout = outbox.layout(self._activity_topic) or FIRST_LAYOUT
        self._encoder = Encoder(self._embedding.dims, self._currency, layout)
        self._pseudonyms = Pseudonyms(self._key, outbox.partitions(self._activity_topic))
        unseen = Placeholders(self._placeholder_words)
        self._refused = RefusedRecords(self._key, self._pseudonyms, unseen, raw=self._raw_dead_letters)
        if self._raw_dead_letters:
            log.warning(
                "dead letters are raw",
                topic=self._dead_letters_topic,
                why="ingest.raw_dead_letters: refused records keep user ids and whatever else was sent",
                next="turn it off as soon as the fault is found, and delete the topic's records",
            )
        if self._has_marks:
            self._marks = Marks(outbox, self._activity_topic, self._embedding.dims)
        self._dead_letter_partitions = outbox.partitions(self._dead_letters_topic)
        if self._item_updates is not None:
            self._item_partitions = outbox.partitions(self._item_updates.topic)
        await self._embedding.start()

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Process a batch, together with those that other partitions have at the same moment.

        An error of the model or of a delivery is raised, and none of these batches is acked. With marks, a batch is
        acked when one covers it.
        """
        first_source = source_code(self._kinds[topic], partition, lasting_offset(self._outbox.generation(topic), 0))
        await self._together.join(Fetched(topic, partition, batch, first_source, ack))
        self.counters.records += len(batch)
        self._report.say_if_due()

    async def _process(self, batches: Sequence[Fetched]) -> None:
        """Send what batches give. Much is processed in slices, and sent in pieces: heartbeats have their time too."""
        if self._exchange_file is not None:
            self._exchange_file.refresh()
        out, turns, part = Outgoing(), Turns(), Slice()
        for batch in batches:
            for record in batch.records:
                if len(record.value or b"") >= LARGE_RECORD_BYTES:
                    verdict = await self._validated_beside(batch.topic, record.value)
                else:
                    verdict = validate(self._kinds[batch.topic], record.value, self._placeholders, self._language)
                part.add(record, self._judge(verdict, batch, record, out))
                if turns.are_due:
                    await turns.end()
                if part.is_full:
                    await self._add_activities(part.accepted, out, turns)
                    part = Slice()
                if out.is_full:
                    await self._send(out)
                    out = Outgoing()
        await self._add_activities(part.accepted, out, turns)
        when_durable = self._marks.board(out, batches)
        await self._send(out)
        when_durable()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Mark and ack what waits for it: every handled batch is durable already."""
        await self._marks.flush()

    async def stop(self) -> None:
        """Flush the text cache and end the embedding thread."""
        self._marks.drop()
        self._report.say()
        await self._embedding.stop()

    def moved(self, topic: str, partition: int) -> object:
        """Batches of all partitions are processed together, and go on together."""
        counters = self.counters
        return counters.events, counters.dead_letters, counters.activities, counters.embedding.batches

    def readings(self) -> Iterator[Reading]:
        """Its metrics."""
        return readings(self.counters, self._kinds.values())

    async def _send(self, out: Outgoing) -> None:
        """Send everything, and wait until it is durable."""
        out.note_arrivals()
        writes = [Write(self._activity_topic, number, items) for number, items in out.activities.items()]
        writes += [Write(self._dead_letters_topic, number, items) for number, items in out.letters.items()]
        if self._item_updates is not None:
            topic = self._item_updates.topic
            writes += [
                Write(topic, number, [(None, value, ()) for value in values])
                for number, values in out.item_updates.items()
            ]
        await self._outbox.send_all(writes)
        self.counters.activities += out.count

    async def _validated_beside(self, topic: str, value: bytes | None) -> Verdict:
        """What `validate` makes of a large record, in a thread: other tasks have their turns meanwhile."""
        placeholders = Placeholders(self._placeholder_words)  # of its own: counts are not shared between threads
        verdict = await asyncio.to_thread(validate, self._kinds[topic], value, placeholders)
        self._placeholders.counts.update(placeholders.counts)
        return verdict

    def _judge(self, verdict: Verdict, batch: Fetched, record: Record, out: Outgoing) -> Accepted | None:
        """The event of a record; None if it was refused, with a dead letter in `out`, or passed over."""
        if isinstance(verdict, PassedOver):
            self.counters.passed_over[verdict.name] += 1
            self.counters.passed_over_by_input[self._kinds[batch.topic]] += 1
            return None
        if not (isinstance(verdict, Refusal) and verdict.reason in ELSEWHERE):
            self._near_misses.look(self._kinds[batch.topic], record.value)
        if isinstance(verdict, Refusal):
            self._refuse(verdict, batch, record, out)
            return None
        arrival_ms = self._arrival_ms(record)
        replayed = bool(record.headers) and is_replayed(record.headers)
        if not replayed and verdict.time_ms is not None and verdict.time_ms < arrival_ms - self._oldest_ms:
            self._refuse(too_old(self._oldest_ms), batch, record, out)
            return None
        profile_id, number = self._pseudonyms.of(verdict.shopper)
        self.counters.events += 1
        if (heavy := self._heavy.note(profile_id, arrival_ms)) is not None:
            self.counters.heavy += 1
            self._report.heavy(heavy)
        event = with_private_ids(verdict, self._pseudonyms)
        source = batch.first_source + record.offset
        flags = _REPLAYED if replayed else 0
        return Accepted(self._kinds[batch.topic], event, record, source, profile_id, number, arrival_ms, flags)

    def _refuse(self, refusal: Refusal, batch: Fetched, record: Record, out: Outgoing) -> None:
        """Add a dead letter."""
        topic, partition = batch.topic, batch.partition
        generation = self._outbox.generation(topic)
        origin = f"{topic}@{generation}" if generation else topic
        value = record.value
        letter = self._refused.letter(refusal, origin, partition, record.offset, record.timestamp, value)
        out.add_letter(partition % self._dead_letter_partitions, letter)
        self.counters.refuse(self._kinds[topic], refusal.reason)

    async def _add_activities(self, accepted: Sequence[Accepted], out: Outgoing, turns: Turns) -> None:
        """Add activity records to the batches of their partitions, in order, and new item records."""
        await turns.end()
        vectors = iter(
            await self._embedding.vectors([line.text for one in accepted for line in one.event.lines if line.text])
        )
        pseudonyms, encode = self._pseudonyms, self._encoder.encode
        times = self._times(accepted)
        for one, (time_ms, late_flag) in zip(accepted, times, strict=True):
            event, record = self._exchange.converted(one.event, time_ms), one.record
            device, network = pseudonyms.device(event.device), pseudonyms.network(event.network)
            embedded = [next(vectors) if line.text else self._no_text for line in event.lines]
            headers = passed_on(record.headers) if record.headers else ()
            flags = one.flags | late_flag
            for value in encode(event, embedded, one.source, time_ms, flags, device, network):
                out.add_activity(one.partition, one.profile_id, value, headers, one.arrival_ms)
            if self._item_updates is not None:
                for line, vector in zip(event.lines, embedded, strict=True):
                    self._item_updates.note(event, line, vector, time_ms, self._item_partitions, out.item_updates)
            if turns.are_due:
                await turns.end()
        self.counters.accepted_by_input.update([one.kind for one in accepted])

    def _times(self, accepted: Sequence[Accepted]) -> list[tuple[int, int]]:
        """Time and flags of each event: its own, or its arrival if it has none or lies after it."""
        known = [known_ms(one.event.time_ms, one.arrival_ms) for one in accepted]
        if all(time_ms <= one.arrival_ms for time_ms, one in zip(known, accepted, strict=True)):
            return [(time_ms, 0) for time_ms in known]
        told = [
            Told((one.event.shopper, one.event.device, one.event.session_id or ""), one.event.time_ms, one.arrival_ms)
            for one in accepted
        ]
        put_back = corrected(told)
        times = []
        for place, one in enumerate(told):
            is_wrong = one.lead_ms > self._skew_ms
            self.counters.clock_clamped += is_wrong
            times.append((put_back.get(place, one.known_ms), _CLAMPED if is_wrong else 0))
        return times

    def _arrival_ms(self, record: Record) -> int:
        """The broker's time of the record: a replay corrects as the first pass did, whatever this machine's clock.

        This machine's clock is used only if the record has no time, or one beyond sense (CreateTime, and a producer
        that sends none, or microseconds).
        """
        known_ms = broker_time_ms(record.timestamp)
        return self._clock_ms() if known_ms is None else known_ms
