"""What this version would do to the records on an application's topics, and the step that ends an upgrade."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec

from liveprofile.streams.admin.record_layouts import READERS, Found, Verdict
from liveprofile.streams.admin.topics import TopicError, list_topics
from liveprofile.streams.contract.layouts import newest_layouts
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import Entry, read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_fetch import StateRecord
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.connection import Bootstrap

STOPS = frozenset({Verdict.NEWER, Verdict.DAMAGED})
"""Verdicts with which this version does not go on."""


class Finding(msgspec.Struct, frozen=True):
    """Records of one kind and layout on one topic, and what becomes of them."""

    topic: str
    what: str
    layout: str
    records: int
    partitions: list[int]
    verdict: Verdict
    details: str
    fields: str
    """Where records are migrated: all that happens to their fields."""


class Check(msgspec.Struct, frozen=True):
    """What was found on all topics."""

    findings: list[Finding]
    looked_at: int
    """Records that were read."""
    written: dict[str, int]
    """By topic: number of the layout that workers write; 0: the oldest, until the upgrade is finished."""
    newest: dict[str, int]
    """By topic: number of the newest layout that this version can write."""

    @property
    def goes_on(self) -> bool:
        """Whether this version can go on with everything that was found."""
        newer = any(self.written[topic] > newest for topic, newest in self.newest.items())
        return not newer and not any(one.verdict in STOPS for one in self.findings)

    @property
    def older(self) -> list[str]:
        """Topics that are written in an older layout until the upgrade is finished."""
        return [topic for topic, newest in self.newest.items() if self.written[topic] < newest]


async def check(bootstrap: Bootstrap, topics: Topics, dims: int, most: int) -> Check:
    """Look at up to `most` records of each partition, the oldest and the newest ones; at all of them where it is 0.

    TopicError where Kafka or a topic is missing.
    """
    await _require_topics(bootstrap, topics)
    entries = await read_entries(bootstrap, topics.lineage)
    counts: Counter[tuple[str, Found]] = Counter()
    partitions: dict[tuple[str, Found], set[int]] = {}
    readers = {topics.state: "state", topics.activity: "activity", topics.examples: "examples", topics.models: "models"}
    numbers = {one.name: one.partitions for one in topics.all()}
    for topic, kind in readers.items():
        for number in range(numbers[topic]):
            async for records in _sample(bootstrap, topic, number, most):
                for key, value, _ in records:
                    if found := READERS[kind](key, value, dims):
                        counts[topic, found] += 1
                        partitions.setdefault((topic, found), set()).add(number)
    findings = [
        Finding(topic, one.what, one.layout, count, sorted(partitions[topic, one]), *one[2:])
        for (topic, one), count in sorted(counts.items())
    ]
    newest = dict(newest_layouts(topics))
    written = {name: entries[name].layout if name in entries else number for name, number in newest.items()}
    return Check(findings, counts.total(), written, newest)


async def _require_topics(bootstrap: Bootstrap, topics: Topics) -> None:
    real = await list_topics(bootstrap, topics)
    if missing := [name for name, count in real.items() if count is None]:
        raise TopicError(f"Topic {missing[0]} does not exist.", "Create what is missing: liveprofile topics create.")


async def _sample(bootstrap: Bootstrap, topic: str, number: int, most: int) -> AsyncIterator[list[StateRecord]]:
    """The oldest records of a partition, then its newest ones; all where `most` is 0."""
    progress, taken = Progress(), 0
    async with aclosing(read_partition(bootstrap, topic, number, progress=progress)) as batches:  # type: ignore[type-var]  # a generator
        async for records in batches:
            part = records[: most // 2 - taken] if most else records
            taken += len(part)
            yield part
            if most and taken >= most // 2:
                break
        else:
            return
    start = max(part[-1][2] + 1, progress.end - most // 2)
    if start < progress.end:
        async for records in read_partition(bootstrap, topic, number, start_offset=start):
            yield records


async def finish(bootstrap: Bootstrap, topics: Topics) -> bool:
    """Have workers write the newest layouts from their next start on; False if they do already.

    TopicError where there is no application yet, or a newer version has been at work.
    """
    entries = await read_entries(bootstrap, topics.lineage)
    if topics.activity not in entries:
        raise TopicError(
            f"No worker of {topics.group} has run yet.", "A new application begins with the newest layout."
        )
    agreed: dict[str, Entry] = {}
    for name, newest in newest_layouts(topics).items():
        entry = entries.get(name)
        if entry is not None and entry.layout > newest:
            raise TopicError(
                f"Topic {name} is written in layout {entry.layout}, and this version knows up to {newest}.",
                "Run the command of the newest version.",
            )
        if entry is not None and entry.layout < newest:
            agreed[name] = msgspec.structs.replace(entry, layout=newest)
    if agreed:
        async with KafkaOutbox(bootstrap) as outbox:
            await write_entries(outbox, topics.lineage, agreed)
    return bool(agreed)
