"""Departures: who comes within the wait of the first leaves with it; without a wait everybody leaves at once."""

import asyncio

from liveprofile.streams.runtime.departures import Departures


async def test_who_comes_meanwhile_leaves_with_the_first_and_who_comes_later_with_the_next() -> None:
    departures, left = Departures(0.05), []

    async def travel(name: str) -> None:
        await departures.next()
        left.append((name, asyncio.get_running_loop().time()))

    first = [asyncio.create_task(travel("a"))]
    await asyncio.sleep(0.01)
    first.append(asyncio.create_task(travel("b")))
    await asyncio.gather(*first)
    await travel("c")
    (_, a), (_, b), (_, c) = left
    assert b - a < 0.04 <= c - a


async def test_one_who_gives_up_does_not_keep_the_others() -> None:
    departures = Departures(0.01)
    given_up, other = (asyncio.create_task(departures.next()) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait_for(other, 5)


async def test_without_a_wait_nobody_waits() -> None:
    departing = Departures(0.0).next()
    try:
        departing.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")
