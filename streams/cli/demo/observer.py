"""Fills the board from Kafka: arriving facts, input counts and lags; and the processor time of the worker."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.reader import Reader, decoded, header
from liveprofile.streams.render.records import KINDS, clock, topic_of

_POLL_S = 1.0


class Observer:
    """Two endless tasks, each with its own consumer: `follow_facts` and `count`."""

    def __init__(self, board: Board, topics: Topics, worker_s: Callable[[], float | None]) -> None:
        """`worker_s` is the processor time of the worker so far, in seconds; None when it has ended."""
        self._board = board
        self._topics = topics
        self._worker_s = worker_s
        self._worker_start_s = worker_s() or 0.0
        self._starts: dict[TopicPartition, int] = {}

    async def follow_facts(self, reader: Reader) -> None:
        """Read every change, anomaly, refusal and snapshot from now on."""
        topics = [*(topic_of(kind, self._topics) for kind in KINDS), self._topics.profiles]
        async for records in reader.follow(topics):
            now, self._board.now_s = time.time(), time.monotonic()
            for record in records:
                self._take(record, now)

    async def count(self, reader: Reader, admin: AIOKafkaAdminClient) -> None:
        """Update input counts and committed offsets once a second."""
        places = reader.places([*self._topics.inputs, self._topics.activity])
        while True:
            try:
                ends = await reader.ends(places)
                await self._note_lag(admin, ends)
            except KafkaError:
                pass  # the next second retries; a lasting failure ends the children, which is reported
            else:
                self._note_flow(ends)
            await asyncio.sleep(_POLL_S)

    def _take(self, record: ConsumerRecord, now: float) -> None:
        board = self._board
        if record.topic == self._topics.profiles:
            if record.value and board.shopper and record.key == board.shopper.encode():
                board.add_snapshot(orjson.loads(record.value))
        elif record.topic == self._topics.profile_changes:
            change = decoded(record)
            board.add_change(clock(record), change)
            if change.get("origin") == "live" and (ms := latency_ms(record, now)) is not None:
                board.meter.latency(board.now_s, ms)
        elif record.topic == self._topics.profile_anomalies:
            board.add_anomaly(clock(record), decoded(record))
        else:
            board.meter.dead_letters += 1

    def _note_flow(self, ends: dict[TopicPartition, int]) -> None:
        now_s, meter = time.monotonic(), self._board.meter
        self._board.now_s = now_s
        inputs = {place: end for place, end in ends.items() if place.topic in self._topics.inputs}
        self._starts = self._starts or inputs
        meter.events_in.mark(now_s, sum(inputs.values()) - sum(self._starts.values()))
        meter.facts_out.mark(now_s, meter.changes + meter.anomalies)
        if (worker_s := self._worker_s()) is not None:
            meter.worker_ms.mark(now_s, round((worker_s - self._worker_start_s) * 1000))

    async def _note_lag(self, admin: AIOKafkaAdminClient, ends: dict[TopicPartition, int]) -> None:
        committed = await admin.list_consumer_group_offsets(self._topics.group)
        waiting = {place: end - max(0, committed[place].offset) for place, end in ends.items() if place in committed}
        activity = self._topics.activity
        self._board.meter.activity_lag = _sum(waiting, [activity])
        self._board.meter.input_lag = _sum(waiting, self._topics.inputs)


def latency_ms(record: ConsumerRecord, now: float) -> float | None:
    """From the event that caused a change to now, epoch seconds; None without a readable event time."""
    event_time = header(record, "ce_time")
    try:
        return (now - datetime.fromisoformat(event_time).timestamp()) * 1000 if event_time else None
    except ValueError:
        return None


def _sum(waiting: dict[TopicPartition, int], topics: Sequence[str]) -> int:
    return sum(count for place, count in waiting.items() if place.topic in topics)
