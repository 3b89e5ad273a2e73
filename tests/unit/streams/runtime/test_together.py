"""Work in common: callers of one moment share a call, later ones have their own, and an error is everybody's."""

import asyncio
from collections.abc import Sequence

import pytest

from liveprofile.streams.runtime.together import Together


class Work:
    """Notes the shares of each call, and ends a call when a test lets it."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, shares: Sequence[str]) -> None:
        self.calls.append(list(shares))
        await self.gate.wait()
        if self.error:
            raise self.error


@pytest.fixture
async def work() -> Work:
    return Work()


async def _turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_callers_of_one_moment_share_a_call_and_return_when_it_has_ended(work: Work) -> None:
    together = Together(work)
    joined = [asyncio.create_task(together.join(name)) for name in "abc"]
    await _turns()
    assert work.calls == [["a", "b", "c"]] and not any(one.done() for one in joined)
    work.gate.set()
    await asyncio.gather(*joined)


async def test_a_later_caller_does_not_wait_for_the_call_under_way(work: Work) -> None:
    together = Together(work)
    early = asyncio.create_task(together.join("early"))
    await _turns()
    late = asyncio.create_task(together.join("late"))
    await _turns()
    assert work.calls == [["early"], ["late"]]
    work.gate.set()
    await asyncio.gather(early, late)


async def test_an_error_of_the_common_work_is_raised_to_all_who_joined_and_to_nobody_else(work: Work) -> None:
    together = Together(work)
    joined = [asyncio.create_task(together.join(name)) for name in "ab"]
    work.error = ConnectionError("gone")
    work.gate.set()
    for one in joined:
        with pytest.raises(ConnectionError):
            await one
    work.error = None
    await together.join("c")


async def test_who_is_cancelled_keeps_nobody_waiting(work: Work) -> None:
    """If it was the first, which does the work, the others are cancelled too: nothing is known of their shares."""
    together = Together(work)
    joined = [asyncio.create_task(together.join(name)) for name in "abc"]
    await _turns()
    joined[1].cancel()
    work.gate.set()
    await asyncio.gather(joined[0], joined[2])
    work.gate.clear()
    again = [asyncio.create_task(together.join(name)) for name in "de"]
    await _turns()
    again[0].cancel()
    results = await asyncio.gather(*again, return_exceptions=True)
    assert [type(one) for one in results] == [asyncio.CancelledError] * 2
