"""Tries rules on the stored snapshots: who would enter and leave, within a time."""

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
import orjson

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.serve.rules.judge import Chunk, Judged, SnapshotJudge
from liveprofile.streams.serve.store.store import Store

EXAMPLES = 20
"""Most profile ids that are named for each step."""
AT_ONCE = 500


class Step(msgspec.Struct):
    """What happens to the members of one segment, or of one lifecycle state."""

    now: int = 0
    then: int = 0
    enter: int = 0
    leave: int = 0
    entering: list[str] = []
    """Ids of some of them, at most 20."""
    leaving: list[str] = []


class Preview(msgspec.Struct):
    """The effect of rules on the profiles as they are published."""

    rules: str
    """Name and version of the rules that were tried."""
    profiles: int = 0
    """How many were evaluated."""
    of: int = 0
    """How many there are. Fewer were evaluated where the time was over: they are a random part, by their ids."""
    segments: dict[str, Step] = {}
    lifecycle: dict[str, Step] = {}
    not_tried: dict[str, list[str]] = {}
    """Rules that cannot be tried here, by `lifecycle` or `segments/NAME`, with the features that snapshots do not have:
    `liveprofile segments preview` tries them on the workers' own state."""
    seconds: float = 0.0


def preview(store: Store, policy: Policy, rules: RuleSet, now_ms: int, most_s: float, *, in_force: RuleSet) -> Preview:
    """Try the rules on all snapshots, for `most_s` seconds. Not for an event loop.

    As the command line does it, a profile is judged by both: what it would do now by the rules in force, too, is no
    effect of the new ones.
    """
    began_s = time.monotonic()
    judge, before = SnapshotJudge(rules), SnapshotJudge(in_force)
    found = Preview(rules.label, of=len(store.profiles))
    found.not_tried = judge.missing
    found.segments = {one.name: Step() for one in rules.file.segment if f"segments/{one.name}" not in judge.missing}
    if "lifecycle" not in judge.missing:
        found.lifecycle = {one.name: Step() for one in rules.file.lifecycle}
    snapshots = (orjson.loads(one.value) for _, one in store.every_snapshot())
    for some in _chunks(snapshots):
        chunk = Chunk(some, now_ms, policy)
        for snapshot, was, will in zip(some, before.judge(chunk), judge.judge(chunk), strict=True):
            _count(found, snapshot, _present(snapshot, was, before), will)
        found.profiles += len(some)
        if time.monotonic() - began_s > most_s:
            break
    found.of = max(found.of, found.profiles)
    found.seconds = round(time.monotonic() - began_s, 3)
    return found


def _chunks(snapshots: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(snapshots)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _present(snapshot: Mapping[str, Any], judged: Judged, judge: SnapshotJudge) -> Judged:
    """Where a profile is by the rules in force; as published where these cannot be tried, or have no such segment."""
    published = {str(one.get("name")) for one in snapshot.get("segments") or ()}
    tried = {one.name for one in judge.rules.file.segment if f"segments/{one.name}" not in judge.missing}
    return Judged(judged.segments | (published - tried), judged.state)


def _count(found: Preview, snapshot: Mapping[str, Any], was: Judged, will: Judged) -> None:
    profile_id = str(snapshot.get("profile_id"))
    for name in was.segments | will.segments:
        if f"segments/{name}" not in found.not_tried:
            _step(found.segments, name, profile_id, name in was.segments, name in will.segments)
    if "lifecycle" not in found.not_tried:
        for state in {was.state, will.state} - {None}:
            _step(found.lifecycle, str(state), profile_id, state == was.state, state == will.state)


def _step(steps: dict[str, Step], name: str, profile_id: str, is_in: bool, stays: bool) -> None:
    step = steps.setdefault(name, Step())
    step.now += is_in
    step.then += stays
    if is_in == stays:
        return
    examples = step.entering if stays else step.leaving
    step.enter += stays
    step.leave += is_in
    if len(examples) < EXAMPLES:
        examples.append(profile_id)
