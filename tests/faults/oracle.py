"""The oracle: what must be true of an application's topics after a trial, counted as violations of I1 to I9.

It reads the logs as they are in Kafka, folds `activity` offline, and compares. Nothing of a worker's memory is trusted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from liveprofile.models.snapshot_records import from_records, is_manifest
from liveprofile.profiles.fold.cursor import CURSOR_KEY, applied_through_of, generation_of
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.items.fold import ItemFold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, decode_heads, lasting_offset, source_code
from liveprofile.profiles.records.screening import unreadable
from liveprofile.profiles.state.codec import decode_profiles, decode_rows, encode_profiles
from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.contract.inputs import input_kind
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import read_entries
from liveprofile.streams.runtime.partition_state import StateRecord, read_partition
from liveprofile.streams.settings.sections import Items, Learn
from liveprofile.streams.stages.learn.learners import make_learners
from tests.support.topics_now import latest, records_of
from tests.support.training_examples import learnt, relearnt

BATCH = 1_000


@dataclass
class Verdict:
    """Violations by invariant, and what else was counted."""

    violations: Counter[str] = field(default_factory=lambda: Counter({f"I{n}": 0 for n in (1, 2, 3, 5, 6, 9)}))
    repeats: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    other_rows: set[str] = field(default_factory=set)
    """Profiles whose state records are not those of the offline fold, to the byte."""
    other_facts: set[str] = field(default_factory=set)
    """Profiles of which one of the two has a fact that the other has not, or has otherwise."""

    def count(self, invariant: str, number: int, words: str) -> None:
        """Add violations, and say them if there are any."""
        self.violations[invariant] += number
        if number:
            self.words.append(f"{invariant}: {number} {words}")


@dataclass
class Folded:
    """What the offline fold of all partitions of `activity` gives."""

    state: dict[bytes, bytes] = field(default_factory=dict)
    facts: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    sources: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """By input topic and partition (a source code without offset): the offsets that became activities."""
    unreadable: set[tuple[str, int, int]] = field(default_factory=set)
    """Places of records of `activity` that cannot be folded: each must have its dead letter."""


async def examine(
    bootstrap: str,
    topics: Topics,
    model_id: str,
    *,
    content: Callable[[bytes], object] = bytes,
    profile: Callable[[bytes], object] = bytes,
) -> Verdict:
    """Look at everything; no worker may be running.

    `content` gives what has to be the same in two payloads of a fact, `profile` in two state records of a profile;
    where workers of two versions have written them, that leaves out what the versions are known to write differently.
    """
    verdict = Verdict()
    truth = Folded()
    state: dict[bytes, bytes] = {}
    for partition in range(topics.partitions):
        records, applied = await _state_of(bootstrap, topics, partition, verdict)
        state |= records
        await _fold(bootstrap, topics, partition, applied, model_id, truth)
    _compare_state(_in_present_layout(state), truth, verdict, profile)
    await _check_facts(bootstrap, topics, truth, verdict, content)
    await _check_conservation(bootstrap, topics, truth, verdict)
    await _check_model(bootstrap, topics, verdict)
    for partition in range(topics.partitions):
        await _check_items(bootstrap, topics, partition, verdict)
    verdict.notes |= {"profiles": len(state), "facts": len(truth.facts), **truth.counts}
    return verdict


async def _state_of(bootstrap: str, topics: Topics, partition: int, verdict: Verdict) -> tuple[dict[bytes, bytes], int]:
    """The latest state records of a partition's profiles, and up to where it is applied; I5 on the way.

    Of the generation that serves: the cursor of one that was left says which comes next.
    """
    generation = FIRST
    while True:
        newest, applied = await _state_in(bootstrap, topics.state_of(generation), partition, verdict)
        cursor = newest.pop(CURSOR_KEY, None)
        adopted = generation_of(cursor) if cursor else None
        if adopted is None or adopted.generation <= generation:
            return newest, applied
        verdict.count("I1", len(newest), f"profiles are left in generation {generation} of partition {partition}")
        generation = adopted.generation


async def _state_in(bootstrap: str, topic: str, partition: int, verdict: Verdict) -> tuple[dict[bytes, bytes], int]:
    """The latest records of one state topic, the cursor among them, and up to where it is applied."""
    newest: dict[bytes, bytes] = {}
    applied: dict[bytes, int] = {}
    back = 0
    async for records in read_partition(bootstrap, topic, partition):
        offsets = _applied(records)
        for key, value, _ in records:
            if key is None or (key.startswith(b"\x00") and key != CURSOR_KEY):
                continue
            if value is None:
                newest.pop(key, None)
                continue
            reached = applied_through_of(value) if key == CURSOR_KEY else offsets[value]
            back += reached < applied.get(key, -1)
            newest[key], applied[key] = value, reached
    verdict.count("I5", back, f"state records of partition {partition} older than one before them")
    verdict.notes["stale_writes"] = verdict.notes.get("stale_writes", 0) + back
    return newest, applied.get(CURSOR_KEY, -1)


def _applied(records: list[StateRecord]) -> dict[bytes, int]:
    """The offset of the last activity that each profile among the records has applied, by its record."""
    profiles = [value for key, value, _ in records if key is not None and value and not key.startswith(b"\x00")]
    if not profiles:
        return {}
    return dict(zip(profiles, decode_rows(profiles, Policy().dims)["applied"].tolist(), strict=True))


async def _fold(bootstrap: str, topics: Topics, partition: int, applied: int, model_id: str, truth: Folded) -> None:
    """Fold a partition of `activity` up to where the live state is, in memory."""
    fold = Fold(Policy(), model_id, partition)
    async for records in read_partition(bootstrap, topics.activity, partition):
        for low in range(0, len(records), BATCH):
            batch = [record for record in records[low : low + BATCH] if record[2] <= applied]
            truth.counts["beyond_applied"] += len(records[low : low + BATCH]) - len(batch)
            if not batch:
                continue
            keys, values, offsets = [r[0] for r in batch], [r[1] or b"" for r in batch], [r[2] for r in batch]
            _note_sources(keys, values, truth)
            result = fold.apply(keys, values, offsets)
            truth.facts |= {f.record.fact_id: f.payload for f in (*result.changes, *result.anomalies)}
            truth.unreadable.update((topics.activity, partition, offset) for offset, _ in result.unreadable)
            for name in FATES:
                truth.counts[name] += getattr(result, name)
    records_, _ = fold.checkpoint()
    truth.state |= {key: value for key, value in records_ if not key.startswith(b"\x00")}


def _note_sources(keys: list[bytes | None], values: list[bytes], truth: Folded) -> None:
    """Remember which input records became activities."""
    heads = decode_heads(values, Policy().dims)
    heads = np.delete(heads, list(unreadable(keys, heads)))
    codes = heads["source"][heads["kind"] == Kind.EVENT].astype(np.uint64)
    offsets = codes & np.uint64((1 << 40) - 1)
    lanes = codes - offsets
    truth.counts["activities"] += len(codes)
    for lane in np.unique(lanes).tolist():
        truth.sources[lane].update(offsets[lanes == np.uint64(lane)].tolist())


def _in_present_layout(state: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """State records as the present program would write them: an older one may have written some."""
    dims = Policy().dims
    return dict(zip(state, encode_profiles(*decode_profiles(list(state.values()), dims), dims), strict=True))


def _compare_state(
    state: dict[bytes, bytes], truth: Folded, verdict: Verdict, profile: Callable[[bytes], object]
) -> None:
    """I1: every profile's bytes are those of the offline fold."""
    both = [(truth.state.get(key), state.get(key)) for key in truth.state.keys() | state.keys()]
    wrong = sum(one is None or other is None or profile(one) != profile(other) for one, other in both)
    verdict.other_rows = {
        key.decode() for key in truth.state.keys() | state.keys() if truth.state.get(key) != state.get(key)
    }
    verdict.count("I1", wrong, f"of {len(truth.state)} profiles differ from the offline fold")


async def _check_facts(
    bootstrap: str, topics: Topics, truth: Folded, verdict: Verdict, content: Callable[[bytes], object]
) -> None:
    """I3: the same facts with the same payloads; I5: versions without a gap, in order."""
    published: dict[str, bytes] = {}
    altered = gaps = 0
    versions: dict[str, int] = {}
    for topic in (topics.profile_changes, topics.profile_anomalies):
        async for record in records_of(bootstrap, topic, topics.partitions):
            fact_id = dict(record.headers)["ce_id"].decode()
            if fact_id in published:
                altered += content(published[fact_id]) != content(record.value)
                verdict.repeats += 1
                continue
            published[fact_id] = record.value
            if topic == topics.profile_changes:
                change = orjson.loads(record.value)
                gaps += change["version"] != versions.get(change["profile_id"], 0) + 1
                versions[change["profile_id"]] = change["version"]
    missing, unknown = truth.facts.keys() - published.keys(), published.keys() - truth.facts.keys()
    shared = truth.facts.keys() & published.keys()
    other = [one for one in shared if content(published[one]) != content(truth.facts[one])]
    found = [*(truth.facts[one] for one in (*missing, *other)), *(published[one] for one in unknown)]
    verdict.other_facts = {orjson.loads(payload)["profile_id"] for payload in found}
    verdict.count("I3", len(missing), "facts of the offline fold were never said")
    verdict.count("I3", len(unknown), "facts were said that the offline fold does not know")
    verdict.count("I3", len(other) + altered, "facts were said with another payload")
    verdict.count("I5", gaps, "versions do not follow the one before")


async def _check_conservation(bootstrap: str, topics: Topics, truth: Folded, verdict: Verdict) -> None:
    """I2: every input record became an activity or a dead letter, not both; every activity has one fate."""
    refused = await _refused(bootstrap, topics)
    lineage = await read_entries(bootstrap, topics.lineage)
    produced = lost = both = 0
    for topic in topics.inputs:
        generation = lineage[topic].generation
        origin = f"{topic}@{generation}" if generation else topic
        for partition in range(topics.partitions):
            offsets = {record[2] async for record in _each(bootstrap, topic, partition)}
            taken = truth.sources.get(source_code(input_kind(topic), partition, lasting_offset(generation, 0)), set())
            letters = refused.get((origin, partition), set())
            produced += len(offsets)
            lost += len(offsets - taken - letters)
            both += len(taken & letters) + len((taken | letters) - offsets)
    damaged = {
        (topics.activity, number, at) for number in range(topics.partitions) for at in refused[topics.activity, number]
    }
    verdict.count("I2", len(damaged ^ truth.unreadable), "unreadable activities have no dead letter, or the other way")
    counts = truth.counts
    fates = sum(counts[name] for name in FATES)
    verdict.count("I2", lost, f"of {produced} input records became neither an activity nor a dead letter")
    verdict.count("I2", both, "input records have two fates, or were never produced")
    verdict.count("I2", abs(counts["activities"] - fates), "activities were neither applied nor dropped for a reason")
    verdict.notes |= {"produced": produced, "dead_letters": sum(map(len, refused.values()))}


FATES = ("applied", "resent", "duplicates", "erased")
"""What becomes of an activity: see `profiles.fold.result.FoldResult`."""


async def _refused(bootstrap: str, topics: Topics) -> dict[tuple[str, int], set[int]]:
    """Where the records of all dead letters stood."""
    refused: dict[tuple[str, int], set[int]] = defaultdict(set)
    async for record in records_of(bootstrap, topics.dead_letters, topics.partitions):
        source = orjson.loads(record.value)["source"]
        refused[source["topic"], source["partition"]].add(source["offset"])
    return refused


async def _check_model(bootstrap: str, topics: Topics, verdict: Verdict) -> None:
    """I6: every model version on the shelf is what its examples give when they are learnt again from the first."""
    shelf = await latest(bootstrap, topics.models, 0)
    versions = [from_records(shelf, key) for key in shelf if is_manifest(key)]
    if not versions:
        return
    examples = [record async for record in _each(bootstrap, topics.examples, 0)]
    courses = make_learners(Learn(), Policy().dims)
    wrong = sum(relearnt(courses(0), version, examples) != learnt(version) for version in versions)
    verdict.count("I6", wrong, f"of {len(versions)} model versions differ from the fold of their examples")
    verdict.notes["model_versions"] = len(versions)


async def _check_items(bootstrap: str, topics: Topics, partition: int, verdict: Verdict) -> None:
    """I9: what is known of a partition's items is, to the byte, what the item events give up to where it is applied."""
    cursors = await latest(bootstrap, topics.item_cursors, partition)
    applied = max((orjson.loads(cursor)["applied_through"] for cursor in cursors.values()), default=-1)
    events = [record async for record in _each(bootstrap, topics.item_events, partition) if record[2] <= applied]
    fold = ItemFold(Items().half_life_s)
    fold.apply([value for _, value, _ in events], [offset for _, _, offset in events])
    items, neighbours, _ = fold.checkpoint()
    for topic, told in ((topics.items, items), (topics.item_neighbours, neighbours)):
        found, truth = await latest(bootstrap, topic, partition), dict(told)
        wrong = sum(found.get(key) != truth.get(key) for key in found.keys() | truth.keys())
        verdict.count("I9", wrong, f"of {len(truth)} records of {topic}/{partition} differ from the offline fold")
        verdict.notes["items"] = verdict.notes.get("items", 0) + len(truth) * (topic == topics.items)


async def _each(bootstrap: str, topic: str, partition: int) -> AsyncIterator[StateRecord]:
    async for records in read_partition(bootstrap, topic, partition):
        for record in records:
            yield record
