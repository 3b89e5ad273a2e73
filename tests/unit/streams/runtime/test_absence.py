"""Work that needs Kafka ends soon where Kafka is away, and is left alone where it answers."""

import asyncio
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.runtime import absence
from liveprofile.streams.runtime.absence import failure_of, stop_faust, while_kafka_answers


class Kafka:
    """A Kafka that answers, is away, or stands still."""

    def __init__(self, away: bool = False, answering: bool = True) -> None:
        self.away = away
        self.answering = answering

    async def answers(self, within_s: float) -> bool:
        if not self.answering:
            await asyncio.sleep(within_s)
        return self.answering


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "LOOK_S", 0.02)
    monkeypatch.setattr(absence, "ANSWER_S", 0.02)


async def test_long_work_is_finished_while_kafka_answers() -> None:
    await while_kafka_answers(asyncio.sleep(0.2), Kafka(), "kafka:9092")


@pytest.mark.parametrize("kafka", [Kafka(away=True), Kafka(answering=False)], ids=["away", "stands still"])
async def test_work_that_cannot_end_is_cancelled_with_a_sentence(kafka: Kafka) -> None:
    work = asyncio.get_running_loop().create_future()

    async def wait() -> None:
        await work

    with pytest.raises(NoKafkaError, match="kafka:9092 does not answer"):
        await asyncio.wait_for(while_kafka_answers(wait(), kafka, "kafka:9092"), 1)
    await asyncio.sleep(0)
    assert work.cancelled()


async def test_short_work_needs_no_look_and_its_error_is_its_own() -> None:
    async def fail() -> None:
        raise ValueError("its own")

    with pytest.raises(ValueError, match="its own"):
        await while_kafka_answers(fail(), Kafka(away=True), "kafka:9092")


async def test_a_failure_is_read_from_a_future_that_may_not_be_done() -> None:
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    assert failure_of(failed) is None
    failed.set_exception(ValueError("x"))
    assert isinstance(failure_of(failed), ValueError)


@pytest.mark.parametrize("away", [True, False])
async def test_faust_that_does_not_stop_is_left_and_waits_for_no_broker_where_none_is(
    away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "STOP_AWAY_S", 0.05)
    monkeypatch.setattr(absence, "STOP_S", 0.3)
    given_up: list[bool] = []

    class App:
        started = True
        consumer = SimpleNamespace(give_up=lambda: given_up.append(True))

        async def stop(self) -> None:
            await asyncio.sleep(60)

    began = asyncio.get_running_loop().time()
    await absence.stop_faust(App(), away=away)
    assert given_up == ([True] if away else [])
    assert (asyncio.get_running_loop().time() - began < 0.25) is away


class App:
    """Faust's app, which stops after a time or with an error."""

    def __init__(self, started: bool = True, after_s: float = 0.0, error: Exception | None = None) -> None:
        self.started, self._after_s, self._error = started, after_s, error
        self.consumer = SimpleNamespace(give_up=self._give_up)
        self.gave_up = self.stopped = 0

    def _give_up(self) -> None:
        self.gave_up += 1

    async def stop(self) -> None:
        await asyncio.sleep(self._after_s)
        self.stopped += 1
        if self._error:
            raise self._error


@pytest.mark.parametrize(
    ("away", "started", "gave_up"), [(True, True, 1), (True, False, 0), (False, True, 0), (False, False, 0)]
)
async def test_only_a_consumer_that_has_started_gives_up_and_only_without_kafka(
    away: bool, started: bool, gave_up: int
) -> None:
    app = App(started)
    await stop_faust(app, away=away)
    assert (app.gave_up, app.stopped) == (gave_up, 1)


@pytest.mark.parametrize("error", [None, OSError("x")])
async def test_a_stop_that_takes_too_long_or_fails_is_said_and_is_no_error(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "STOP_AWAY_S", 0.05)
    monkeypatch.setattr(absence, "STOP_S", 0.3)
    for away, after_s, ends in ((True, 0.2, False), (False, 0.1, True), (False, 5.0, False), (True, 0.0, True)):
        app = App(after_s=after_s, error=error)
        with capture_logs() as lines:
            await stop_faust(app, away=away)
        assert app.stopped == ends and bool(lines) is (not ends or error is not None)


def test_stops_are_as_long_as_documented() -> None:
    assert (absence.STOP_S, absence.STOP_AWAY_S) == (10.0, 1.5)
