"""Brokers that go away: attempts are spaced out, whoever waits notices the end soon, and each absence is told once."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveprofile.streams.transport.connecting import ConnectionGate, Pace
from liveprofile.streams.transport.reachability import FIRST_WAIT_S, LONGEST_WAIT_S, LOOK_S, Reachability, Turn

HERE = ("kafka-1", 9092)
THERE = ("kafka-2", 9092)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def away(told: list[Turn], clock: Clock, jitter: float = 1.0) -> Reachability:
    return Reachability(clock, lambda: jitter, told.append)


@given(jitter=st.floats(0, 1))
def test_attempts_come_at_doubling_distances_up_to_ten_seconds_and_never_at_once(jitter: float) -> None:
    clock, told = Clock(), list[Turn]()
    brokers = away(told, clock, jitter)
    tries = []
    while clock.s < 160.0:
        if (wait_s := brokers.wait_s(HERE)) > 0:
            clock.s += wait_s
            continue
        tries.append(clock.s)
        brokers.tried(HERE, False)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert FIRST_WAIT_S * 0.75 <= gaps[0] <= FIRST_WAIT_S
    assert all(gap <= LONGEST_WAIT_S + 1e-6 for gap in gaps)
    assert max(gaps) >= LONGEST_WAIT_S * 0.75 - 1e-6
    assert len(tries) <= 16
    assert len(told) == 1


def test_an_absence_is_told_when_it_begins_and_when_it_ends_and_never_in_between() -> None:
    clock, told = Clock(), list[Turn]()
    brokers = away(told, clock)
    brokers.tried(HERE, True)
    for _ in range(50):
        brokers.tried(HERE, False)
        clock.s += 1
    brokers.tried(HERE, True)
    brokers.tried(HERE, True)
    assert told == [Turn(HERE, None, False), Turn(HERE, 50.0, False)]


def test_only_one_of_many_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    clock = Clock()
    brokers = away([], clock)
    brokers.tried(HERE, False)
    clock.s += 1
    assert [brokers.wait_s(HERE) > 0 for _ in range(4)] == [False, True, True, True]


async def test_whoever_waits_goes_on_soon_after_the_broker_is_back() -> None:
    clock = Clock()
    brokers = away([], clock)
    brokers.tried(HERE, False)
    waiting = [asyncio.create_task(brokers.turn(HERE, (), lambda: False)) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    brokers.tried(HERE, True)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1) == [True, True, True]


async def test_whoever_has_given_up_waits_no_longer_and_is_told_no() -> None:
    clock, given_up = Clock(), []
    brokers = away([], clock)
    brokers.tried(HERE, False)
    waiting = asyncio.create_task(brokers.turn(HERE, (), lambda: bool(given_up)))
    await asyncio.sleep(0.05)
    given_up.append(True)
    assert await asyncio.wait_for(waiting, 1) is False


async def test_nobody_waits_for_one_broker_while_another_may_answer() -> None:
    clock = Clock()
    brokers = away([], clock)
    brokers.tried(HERE, False)
    assert await brokers.turn(HERE, [THERE], lambda: False) is False
    brokers.tried(THERE, False)
    waiting = asyncio.create_task(brokers.turn(HERE, [THERE], lambda: False))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()


def test_a_cluster_is_away_only_when_none_of_its_brokers_answers() -> None:
    clock = Clock()
    brokers = away([], clock)
    brokers.tried(HERE, False)
    assert not brokers.absent([HERE, THERE])
    brokers.tried(THERE, False)
    assert brokers.absent([HERE, THERE])
    brokers.tried(HERE, True)
    clock.s += 20
    assert not brokers.absent([HERE, THERE])
    assert brokers.absent([HERE, THERE], within_s=30)
    assert not brokers.absent([HERE, THERE], within_s=10)
    assert not brokers.absent([])


class Node:
    """One broker, as aiokafka's metadata has it."""

    host, port = HERE


class Client:
    """As much of an aiokafka client as connects, with a broker that is there or not."""

    def __init__(self) -> None:
        self.cluster = self
        self._conns: dict[object, object] = {}
        self.attempts = self.refreshes = 0
        self.answers = False

    def brokers(self) -> set[Node]:
        return {NODE}

    def broker_metadata(self, node_id: int) -> Node:
        return NODE

    def force_metadata_update(self) -> None:
        self.refreshes += 1

    async def _get_conn(self, node_id: int, *, group: object = 0, no_hint: bool = False) -> object | None:
        self.attempts += 1
        return object() if self.answers else None

    async def _metadata_update(self, cluster: object, topics: object) -> bool:
        self.refreshes += 1
        return True


NODE = Node()


async def test_clients_that_ask_again_and_again_make_a_handful_of_attempts_in_a_second() -> None:
    client, told = Client(), list[Turn]()
    gate = ConnectionGate(client, Reachability(tell=told.append))

    async def insist() -> None:
        while True:
            await client._get_conn(1)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(insist()) for _ in range(20)]
    await asyncio.sleep(1)
    assert 2 <= client.attempts <= 8
    assert gate.away
    assert len(told) == 1
    client.answers = True
    await asyncio.sleep(1.5)
    assert not gate.away
    assert gate.was_away(60)
    assert len(told) == 2
    for task in tasks:
        task.cancel()


async def test_metadata_is_refreshed_in_a_burst_and_then_ten_times_a_second() -> None:
    client = Client()
    ConnectionGate(client, Reachability(tell=lambda turn: None))

    async def insist() -> None:
        while True:
            await client._metadata_update(client, ())
            await asyncio.sleep(0)

    task = asyncio.create_task(insist())
    await asyncio.sleep(1)
    task.cancel()
    assert 40 <= client.refreshes <= 60


@pytest.mark.parametrize("away_s, words", [(None, "does not answer"), (3.0, "answers again after 3 s")])
def test_a_turn_is_a_sentence_that_names_the_broker(away_s: float | None, words: str) -> None:
    assert words in str(Turn(HERE, away_s, False))
    assert "kafka-1:9092" in str(Turn(HERE, away_s, True))


def test_the_waits_are_as_documented_to_the_tenth_of_a_second() -> None:
    assert (FIRST_WAIT_S, LONGEST_WAIT_S, LOOK_S) == (0.1, 10.0, 0.5)
    for jitter, share in ((0.0, 0.75), (0.4, 0.85), (1.0, 1.0)):
        clock = Clock()
        brokers = away([], clock, jitter)
        for expected in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0):
            brokers.tried(HERE, False)
            assert brokers.wait_s(HERE) == pytest.approx(expected * share)
            clock.s += expected


def test_at_the_end_of_a_wait_one_tries_and_the_others_wait_the_longest() -> None:
    clock = Clock()
    brokers = away([], clock)
    brokers.tried(HERE, False)
    clock.s = brokers._absences[HERE].next_s
    assert brokers.wait_s(HERE) == 0.0
    assert brokers.wait_s(HERE) == pytest.approx(LONGEST_WAIT_S)
    clock.s += 4.0
    assert brokers.wait_s(HERE) == pytest.approx(LONGEST_WAIT_S - 4.0)


def test_a_broker_counts_as_away_for_some_seconds_after_it_is_back() -> None:
    clock = Clock()
    brokers = away([], clock)
    assert not brokers.absent([]) and not brokers.absent([HERE], 5.0)
    brokers.tried(HERE, False)
    assert brokers.absent([HERE]) and not brokers.absent([HERE, THERE])
    clock.s = 108.0
    brokers.tried(HERE, True)
    assert not brokers.absent([HERE])
    for later_s, within_s, absent in ((0.0, 1.0, True), (5.0, 5.0, True), (5.5, 5.0, False), (5.5, 6.0, True)):
        clock.s = 108.0 + later_s
        assert brokers.absent([HERE], within_s) is absent


async def test_whoever_has_given_up_still_costs_little_and_one_whose_turn_it_is_goes_at_once() -> None:
    brokers = away([], Clock())
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await brokers.turn(HERE, [], lambda: False)
    assert loop.time() - began < FIRST_WAIT_S / 4
    began = loop.time()
    assert not await brokers.turn(HERE, [], lambda: True)
    assert FIRST_WAIT_S / 4 < loop.time() - began < FIRST_WAIT_S * 5
    brokers.tried(HERE, False)
    assert not await brokers.turn(HERE, [THERE], lambda: False)


async def test_whoever_has_given_up_is_delayed_by_less_than_the_shortest_wait_for_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody else is kept waiting by it, and an endless loop still makes no more than twenty rounds a second."""
    waits: list[float] = []

    async def sleep(wait_s: float) -> None:
        waits.append(wait_s)

    monkeypatch.setattr("liveprofile.streams.transport.reachability.asyncio.sleep", sleep)
    assert not await away([], Clock()).turn(HERE, [], lambda: True)
    assert waits == [FIRST_WAIT_S / 2] and waits[0] < 0.75 * FIRST_WAIT_S


@pytest.mark.parametrize("away_s", [0.5, 99.0, 100.0, 250.0, 86_400.0])
def test_an_absence_is_told_with_its_length_however_long_it_was(away_s: float) -> None:
    clock, told = Clock(), list[Turn]()
    brokers = away(told, clock)
    brokers.tried(HERE, False)
    clock.s += away_s
    brokers.tried(HERE, True)
    assert told[-1] == Turn(HERE, away_s, False)


def test_what_is_told_of_a_turn_cannot_be_changed_and_is_equal_by_its_content() -> None:
    turn = Turn(HERE, 1.0, True)
    assert turn == Turn(HERE, 1.0, True) != Turn(HERE, 2.0, True)
    assert str(Turn(("a", 1), None, True)).startswith("one broker of Kafka, at a:1 does not")
    with pytest.raises(AttributeError):
        turn.away_s = 2.0  # type: ignore[misc]


def test_a_pace_gives_its_burst_at_once_and_then_one_by_one_and_time_fills_it_up_to_the_burst() -> None:
    clock = Clock()
    pace = Pace(2, 10.0, clock)
    assert [pace.wait_s() for _ in range(4)] == pytest.approx([0.0, 0.0, 0.1, 0.2])
    clock.s += 0.3
    assert [pace.wait_s() for _ in range(2)] == pytest.approx([0.0, 0.1])
    clock.s += 1_000.0
    assert [pace.wait_s() for _ in range(3)] == pytest.approx([0.0, 0.0, 0.1])
    clock.s = 1.0
    slow = Pace(5, 1.0, clock)
    assert [slow.wait_s() for _ in range(5)] == [0.0] * 5
    clock.s = 4.0
    assert [slow.wait_s() for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
