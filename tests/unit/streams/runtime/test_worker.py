"""How a worker ends: which errors are raised for a person to fix, which one is an exit code, and what the log has."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from liveprofile.models.errors import ModelError
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.streams.errors import NoKafkaError, SetupError, UserError
from liveprofile.streams.runtime import worker
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.worker import _quiet_libraries, run_worker

CONFIG = RuntimeConfig("shop", "here:9092")


@pytest.fixture
def loggers() -> Iterator[list[logging.Logger]]:
    """Those of the libraries, which log warnings; they have their levels back after the test."""
    found = [logging.getLogger(name) for name in ("faust", "mode")]
    before = [one.level for one in found]
    for one in found:
        one.setLevel(logging.WARNING)
    yield found
    for one, level in zip(found, before, strict=True):
        one.setLevel(level)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the levels of the libraries to the other tests."""
    monkeypatch.setattr(worker, "_quiet_libraries", lambda: None)


def ended(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> tuple[int, list[Any]]:
    """Exit code and log of a worker whose work ends so."""

    async def work(*arguments: Any) -> None:
        await asyncio.sleep(0)
        if error is not None:
            raise error

    monkeypatch.setattr(worker, "work", work)
    with capture_logs() as lines:
        try:
            return run_worker(lambda: (), CONFIG), lines
        except BaseException as raised:
            assert raised is error
            return -1, lines


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("error", "event"),
    [
        (SetupError("clicks was replaced", "Stop."), "worker refuses these topics"),
        (UnknownLayoutError("state", "9", "3"), "worker leaves its partitions to a newer one"),
        (NoKafkaError("here:9092 does not answer", "Wait."), "worker ends without Kafka"),
    ],
    ids=["topics", "layout", "Kafka"],
)
def test_what_a_person_can_fix_is_logged_in_a_sentence_and_raised(
    monkeypatch: pytest.MonkeyPatch, error: Exception, event: str
) -> None:
    code, (line,) = ended(monkeypatch, error)
    assert code == -1
    assert (line["event"], line["app_id"], line["log_level"]) == (event, "shop", "error")
    assert getattr(error, "message", str(error)) in line["problem"]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "error", [UserError("a setting", "Fix it."), ModelError("no model", "Fetch it.")], ids=["user", "model"]
)
def test_what_the_command_line_explains_is_raised_without_a_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert ended(monkeypatch, error) == (-1, [])


@pytest.mark.usefixtures("quiet")
def test_any_other_error_is_an_exit_code_with_its_traceback_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    code, (line,) = ended(monkeypatch, ValueError("a bug"))
    assert code == 1
    assert line["event"].startswith("worker stopped by an error\nTraceback") and "ValueError: a bug" in line["event"]


@pytest.mark.usefixtures("quiet")
def test_an_orderly_stop_is_exit_code_zero_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, None) == (0, [])


def test_the_libraries_log_no_crash_reports_of_many_lines(loggers: list[logging.Logger]) -> None:
    loggers = [*loggers, *(one.getChild("worker") for one in loggers)]
    assert all(one.isEnabledFor(logging.ERROR) for one in loggers)
    _quiet_libraries()
    assert not any(one.isEnabledFor(logging.ERROR) for one in loggers)
    assert all(one.isEnabledFor(logging.CRITICAL) for one in loggers)
