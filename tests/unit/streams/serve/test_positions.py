"""Positions of inputs: never proved before all that came of them is in the store, in whatever order topics are read."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from support.serving import Shop

from liveprofile.streams.contract.partition_progress import PartitionProgress
from liveprofile.streams.serve.follow.proofs import Ends, Proofs
from liveprofile.streams.serve.follow.waiting import Position, Waiting, positions_of

FACTS = ("profile-changes", "profile-anomalies", "profiles")


@dataclass
class World:
    """A log of one partition, the worker that writes it, and a service that reads it."""

    topics: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By topic: the input offset that each record came of."""
    progress: list[PartitionProgress] = field(default_factory=list)
    folded: int = -1
    shown: int = -1
    unshown: list[int] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FACTS, 0))
    heard: int = 0
    asking: list[PartitionProgress] = field(default_factory=list)
    proofs: Proofs = field(default_factory=Proofs)

    def fold(self, facts: Iterable[str]) -> None:
        """The next event is folded, with facts on some topics; then progress may be told."""
        self.folded += 1
        for topic in facts:
            self.topics[topic].append(self.folded)
        if "profile-changes" in facts:
            self.unshown.append(self.folded)

    def checkpoint(self) -> None:
        self.topics["profiles"] += self.unshown
        self.unshown, self.shown = [], self.folded

    def tell(self) -> None:
        told = {"inputs": {"clicks/0": self.folded}, "shown": {"clicks/0": self.shown}}
        self.progress.append(PartitionProgress(at_ms=len(self.progress), **told))

    def hear(self) -> None:
        """The service reads what was told; it asks for the ends later."""
        self.asking += self.progress[self.heard :]
        self.heard = len(self.progress)

    def ask(self) -> None:
        ends: Ends = {(topic, 0): len(self.topics[topic]) for topic in FACTS}
        for told in self.asking:
            self.proofs.told(0, told, ends)
        self.asking = []

    def read_on(self, topic: str, count: int) -> None:
        self.read[topic] = min(self.read[topic] + count, len(self.topics[topic]))
        self.proofs.advance(lambda name, _: self.read[name])

    def missing(self, topic: str) -> int:
        """The first event whose record is not in the store."""
        return min(self.topics[topic][self.read[topic] :], default=1 << 60)


STEPS = st.one_of(
    st.tuples(st.just("fold"), st.sets(st.sampled_from(FACTS[:2]))),
    st.sampled_from(["checkpoint", "tell", "hear", "ask"]).map(lambda name: (name,)),
    st.tuples(st.just("read_on"), st.sampled_from(FACTS), st.integers(1, 4)),
)


@given(st.lists(STEPS, max_size=60))
def test_no_position_is_proved_before_its_facts_and_snapshots_are_in_the_store(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for name, *given_ in steps:
        getattr(world, str(name))(*given_)
        facts, shown = (world.proofs.through("clicks", 0, 0, at_once=at_once) for at_once in (True, False))
        assert all(world.missing(topic) > facts for topic in FACTS[:2])
        assert all(event > shown for event in world.unshown) and world.missing("profiles") > shown
    for name in ("checkpoint", "tell", "hear", "ask"):
        getattr(world, name)()
    for topic in FACTS:
        world.read_on(topic, 1_000)
    assert world.proofs.through("clicks", 0, 0, at_once=False) == world.folded


def test_what_waits_for_a_proof_is_bounded_and_nothing_of_it_is_lost() -> None:
    proofs = Proofs()
    for at in range(1_000):
        proofs.told(0, PartitionProgress(at_ms=at, inputs={"clicks/0": at}), {("profiles", 0): at})
    proofs.advance(lambda topic, partition: 500)
    assert proofs.through("clicks", 0, 0, at_once=True) < 500
    proofs.advance(lambda topic, partition: 1_000)
    assert proofs.through("clicks", 0, 0, at_once=True) == 999


class FakeInputs:
    """Partition 0 has come far, partition 1 has not; what is asked for at once is further in both."""

    def is_input(self, topic: str) -> bool:
        return topic == "clicks"

    def reached(self, position: Position, numbers: Iterable[int]) -> int:
        return min(([10, 5][number] + 2 * position.at_once for number in numbers), default=0)


def test_an_input_is_waited_for_in_the_partitions_of_the_profiles_that_are_read() -> None:
    waiting = Waiting(lambda topic, partition: None, FakeInputs())
    wanted = positions_of("clicks/3@9")
    assert waiting.unknown(wanted) == [] and waiting.unknown(positions_of("bricks/0@1"))
    assert waiting.short_of(wanted, {0}) == []
    assert [str(one) for one in waiting.short_of(wanted, {0, 1})] == ["clicks/3@4"]
    assert waiting.short_of(positions_of("clicks/3@11+"), {0}) == []


async def test_the_service_says_how_far_all_inputs_are(shop: Shop) -> None:
    assert json.loads((await shop.ask("/v1/meta")).body)["inputs"] == ["clicks/0@2262"]
