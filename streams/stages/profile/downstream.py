"""Records for the stages after this one: pairs of items, and training examples.

Nobody waits for them as for a change, so they are gathered from one checkpoint to the next, and leave as a few full
records. They are durable before the profiles that the checkpoint writes. After a crash in between, the same activities
are folded again and give the same records; both stages drop what they have counted.
"""

from __future__ import annotations

import numpy as np

from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.items.event import Pairs, encode_pairs
from liveprofile.profiles.records.training_example import NUMBERED, without_ordinal
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.stage import Outbox, Write
from liveprofile.streams.transport.record import Item


class Downstream:
    """What one partition of `activity` has for the learn and the items stage since its last checkpoint."""

    def __init__(self, topics: Topics, number: int, outbox: Outbox) -> None:
        self._topics, self._number, self._outbox = topics, number, outbox
        self._examples: list[tuple[bytes, bytes]] = []
        self._pairs: list[Pairs] = []

    def add(self, result: FoldResult) -> None:
        """Keep what a batch gave."""
        self._examples += result.examples
        self._pairs += result.pairs

    def take(self) -> list[Write]:
        """Everything since the last call."""
        examples, self._examples = self._examples, []
        pairs, self._pairs = self._pairs, []
        return [
            *([Write(self._topics.examples, 0, self._example_records(examples))] if examples else ()),
            *(self._pair_records(np.concatenate(pairs)) if pairs else ()),
        ]

    def _example_records(self, examples: list[tuple[bytes, bytes]]) -> list[Item]:
        """In a layout that all learn workers can read."""
        if self._outbox.layout(self._topics.examples) < NUMBERED:
            return [(key, without_ordinal(record), ()) for key, record in examples]
        return [(key, record, ()) for key, record in examples]

    def _pair_records(self, pairs: Pairs) -> list[Write]:
        """By the partition of the item; a record has many pairs."""
        topic = self._topics.item_events
        records = encode_pairs(pairs, self._number, self._outbox.partitions(topic))
        return [Write(topic, target, [(None, value, ()) for value in values]) for target, values in records.items()]
