"""The logs: one line an event, whatever stands in it, from whoever writes it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from liveprofile.streams.logs import configure, escape

HOSTILE = 'x\n{"level":"error","event":"forged"}\r\x1b[2J\u2028y\u202e'


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Puts the root logger back: other tests have handlers of their own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(style: str, level: str = "info") -> tuple[io.StringIO, "structlog.stdlib.BoundLogger"]:
    stream = io.StringIO()
    configure(level, style, stream)
    return stream, structlog.get_logger("test")


def test_json_is_one_object_a_line_with_time_level_logger_and_event_first() -> None:
    stream, log = lines("json")
    log.info("started", stages=["ingest"], n=3)
    record = json.loads(stream.getvalue())
    assert list(record) == ["time", "level", "logger", "event", "stages", "n"]
    assert (record["event"], record["level"], record["stages"]) == ("started", "info", ["ingest"])


@pytest.mark.parametrize("style", ["json", "pretty"])
def test_a_hostile_value_cannot_write_a_second_line_or_move_the_cursor(style: str) -> None:
    stream, log = lines(style)
    log.info("refused", text=HOSTILE, many=[HOSTILE], **{"other": {"deep": HOSTILE}})
    log.info(HOSTILE)
    logging.getLogger("aiokafka").warning("fetch of %s failed", HOSTILE)
    written = stream.getvalue()
    assert len(written.splitlines()) == 3, written
    assert "\x1b" not in written
    assert "\u202e" not in written


@pytest.mark.parametrize("style", ["json", "pretty"])
def test_a_traceback_holds_no_local_variables(style: str) -> None:
    stream, log = lines(style)
    secret = "".join(["hun", "ter2"])
    try:
        raise ValueError(f"broken by {len(secret)}")
    except ValueError:
        log.exception("died")
    assert "broken by 7" in stream.getvalue()
    assert secret not in stream.getvalue()


def test_a_traceback_in_json_stays_on_its_line() -> None:
    stream, log = lines("json")
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        log.exception("died")
    (line,) = stream.getvalue().splitlines()
    assert "Traceback" in json.loads(line)["exception"]


def test_the_standard_library_goes_the_same_way() -> None:
    stream, _ = lines("json")
    logging.getLogger("faust.app").warning("ready in %d s", 3, extra={"partition": 7})
    record = json.loads(stream.getvalue())
    assert (record["logger"], record["event"], record["partition"]) == ("faust.app", "ready in 3 s", 7)


def test_what_is_below_the_level_is_not_written() -> None:
    stream, log = lines("json", "warning")
    log.info("chatter")
    logging.getLogger("faust").info("chatter")
    assert stream.getvalue() == ""


def test_handlers_that_others_installed_do_not_write_twice() -> None:
    noisy = logging.getLogger("noisy.library")
    noisy.addHandler(logging.StreamHandler(other := io.StringIO()))
    noisy.propagate = False
    stream, _ = lines("json")
    noisy.warning("once")
    assert (len(stream.getvalue().splitlines()), other.getvalue()) == (1, "")


def test_auto_is_json_where_no_terminal_is() -> None:
    stream, log = lines("auto")
    log.info("started")
    assert json.loads(stream.getvalue())["event"] == "started"


def test_escape_keeps_text_for_people() -> None:
    assert escape("Größe 38 — ok") == "Größe 38 — ok"
