"""Departures: who comes within the wait of the first leaves with it; without a wait everybody leaves at once."""

import asyncio

from liveprofile.streams.runtime.departures import Departures


async def test_who_comes_meanwhile_leaves_with_the_first_and_who_comes_later_with_the_next() -> None:
    departures, left = Departures(0.05), []

    def travel(name: str) -> None:
        departures.add(lambda: left.append((name, asyncio.get_running_loop().time())))

    travel("a")
    await asyncio.sleep(0.01)
    travel("b")
    await asyncio.sleep(0.06)
    travel("c")
    await asyncio.sleep(0.06)
    (_, a), (_, b), (_, c) = left
    assert b - a < 0.04 <= c - a


async def test_without_a_wait_everybody_leaves_at_the_next_turn_of_the_loop() -> None:
    departures, left = Departures(0.0), []
    departures.add(lambda: left.append("a"))
    assert left == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert left == ["a"]


async def test_who_comes_while_others_leave_takes_the_next_departure() -> None:
    departures, left = Departures(0.0), []
    departures.add(lambda: departures.add(lambda: left.append("late")))
    for _ in range(4):
        await asyncio.sleep(0)
    assert left == ["late"]
