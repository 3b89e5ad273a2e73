"""Ends work that needs Kafka, where Kafka is away: it could take for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.transport.connection import Bootstrap

log = structlog.get_logger(__name__)

STOP_S = 10.0
"""Longest wait for Faust to stop after the stages have settled, or after an error."""
STOP_AWAY_S = 1.5
"""The same where no broker answers: nobody is there to be told."""
LOOK_S = 1.0
"""Time between two looks whether Kafka still answers."""
ANSWER_S = 1.5
"""How long it may take for an answer."""


class Answers(Protocol):
    """What can tell whether Kafka answers: an outbox."""

    @property
    def away(self) -> bool:
        """Whether attempts to connect have told that it does not."""

    async def answers(self, within_s: float) -> bool:
        """Whether it answers a request now."""


async def while_kafka_answers(work: Coroutine[Any, Any, Any], kafka: Answers, bootstrap: Bootstrap) -> None:
    """Finish work. NoKafkaError, and the work is cancelled, where Kafka does not answer while it takes longer."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait((task,), timeout=LOOK_S))[0]:
            if kafka.away or not await kafka.answers(ANSWER_S):
                raise NoKafkaError(
                    f"Kafka at {bootstrap} does not answer: what was under way is not confirmed",
                    "Nothing is lost: a worker that starts when it answers again goes on from the last commit.",
                )
        await task
    finally:
        task.cancel()


async def stop_faust(app: Any, *, away: bool) -> None:
    """Leave the group and stop Faust; nothing depends on it any more, so an error here is only logged."""
    if away and app.started:
        app.consumer.give_up()
    try:
        async with asyncio.timeout(STOP_AWAY_S if away else STOP_S):
            await app.stop()
    except Exception as problem:
        log.warning("Faust did not stop in order; nothing is lost by it", problem=repr(problem))


def failure_of(failed: asyncio.Future[None]) -> BaseException | None:
    """The exception of a future that may not be done."""
    return failed.exception() if failed.done() and not failed.cancelled() else None
