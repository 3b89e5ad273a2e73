"""The protocol of persons, as a model: nothing is lost or doubled, whoever is killed; and what it cannot do without."""

from collections import Counter

from support.identity_protocol import (
    EMAIL,
    PARTITIONS,
    UNLINKED,
    USERS,
    WEAK,
    Partition,
    Protocol,
    World,
    anchors,
    door_of,
)

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import Link

RUNS = 150
CONTROL_RUNS = 80
STEPS = 120
KILLS = 12


def test_a_person_is_its_identifiers_and_a_door_never_knows_of_links() -> None:
    violations: Counter[str] = Counter()
    repeats = 0
    for seed in range(RUNS):
        found, repeated = _run(seed, Protocol())
        violations.update(found)
        repeats += repeated
    assert violations == {}
    assert repeats > RUNS, "no kill made anything be said twice: this run proves nothing"


def test_without_watermarks_of_lanes_events_count_twice() -> None:
    runs = [_run(seed, Protocol(has_watermarks=False))[0] for seed in range(CONTROL_RUNS)]
    assert sum(map(bool, runs)) > CONTROL_RUNS * 0.9
    assert any("I10 a door is not as if never linked" in found for found in runs)


def test_with_a_person_in_several_records_a_repeat_says_something_else() -> None:
    runs = [_run(seed, Protocol(is_person_one_record=False))[0] for seed in range(CONTROL_RUNS)]
    assert sum(map(bool, runs)) > CONTROL_RUNS * 0.1
    assert any("I3 a repeat differs" in found for found in runs)


def _run(seed: int, protocol: Protocol) -> tuple[set[str], int]:
    """The invariants that one run violates, and how many facts were said again."""
    shop = Shop(seed, protocol)
    try:
        for number in range(STEPS):
            shop.act(number)
            shop.disturb()
        shop.finish()
    except KeyError:
        return {"a forward without a copy"}, 0
    return shop.violations(), len(shop.world.facts) - len({fact[:2] for fact in shop.world.facts})


class Shop:
    """Shoppers and failures of one run."""

    def __init__(self, seed: int, protocol: Protocol) -> None:
        self.world = World(seed, protocol)
        self.random = self.world.random
        self.links: list[Link] = []
        self.sent: dict[Identifier, list[int]] = {}
        self.paused: list[Partition] = []

    def act(self, number: int) -> None:
        """Somebody logs in, a link is taken back, or an event happens; some stages take steps."""
        if self.random.random() < 0.15:
            self._link_or_unlink(number)
        else:
            who = self.random.choice([*USERS, *WEAK, UNLINKED])
            self.sent.setdefault(who, []).append(number)
            self.world.send_event(who, number)
        for _ in range(self.random.randrange(4)):
            self.random.choice(self.world.stages).step()

    def _link_or_unlink(self, number: int) -> None:
        one, other = self.random.choice(WEAK), self.random.choice([*USERS, EMAIL])
        if one == other:
            return
        pair = (min(one, other), max(one, other))
        known = [link for link in self.links if link[:2] == pair]
        if known:
            self.world.links.append(("unlink", known[0]))
            self.links.remove(known[0])
        else:
            at_ms = self.random.randrange(1000)
            self.links.append(Link(*pair, since_ms=at_ms, source=number, seen_ms=at_ms))
            self.world.links.append(("link", self.links[-1]))

    def disturb(self) -> None:
        """Checkpoints, whole or torn; kills; a paused owner that goes on writing; an ingest that writes twice."""
        if self.random.random() < 0.1:
            self.random.choice(self.world.stages).checkpoint(torn=False)
        if self.random.random() < 0.05:
            owner = self.random.choice(self.world.partitions)
            self.paused.append(owner.paused())
            owner.load()
        for twin in self.paused[-2:]:
            if self.random.random() < 0.5:
                twin.step()
        if self.random.random() < 0.05 and self.sent:
            self.world.send_again(self.random.choice(list(self.sent)))
        if self.random.random() < KILLS / STEPS:
            self.random.choice(self.world.stages).checkpoint(torn=self.random.random() < 0.7)
            self.random.choice(self.world.stages).load()

    def finish(self) -> None:
        """Let all stages take all that is left."""
        while sum(stage.step() for stage in self.world.stages):
            pass

    def violations(self) -> set[str]:
        """The invariants that do not hold at the end."""
        found = set()
        final = anchors(self.links)
        for who, took in self.sent.items():
            row = self.world.partitions[door_of(who)].rows["door", who]
            if row.took != took:
                found.add("I10 a door is not as if never linked")
            if row.anchor != final.get(who, who):
                found.add("I11 a door has another anchor")
        for partition in self.world.partitions:
            for (kind, who), copies in partition.rows.items():
                if kind == "person" and copies != self._others(final, who):
                    found.add("I12 a person is not its identifiers")
        return found | self._faults_of_facts()

    def _others(self, final: dict[Identifier, Identifier], anchor: Identifier) -> dict[Identifier, list[int]]:
        """The events of a person's other identifiers."""
        return {one: self.sent.get(one, []) for one, of in final.items() if of == anchor != one}

    def _faults_of_facts(self) -> set[str]:
        """Repeats that differ, and gaps in versions."""
        found = set()
        said: dict[tuple[Identifier, int], str] = {}
        for profile, version, what in self.world.facts:
            if said.setdefault((profile, version), what) != what:
                found.add("I3 a repeat differs")
        for profile in {profile for profile, _ in said}:
            versions = sorted(version for other, version in said if other == profile)
            if versions != list(range(1, len(versions) + 1)):
                found.add("I5 versions have a gap")
        return found


def test_the_model_has_doors_in_every_partition() -> None:
    assert {door_of(one) for one in (*USERS, *WEAK)} == set(range(PARTITIONS))
