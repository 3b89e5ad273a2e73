"""The logs: one line an event, whatever stands in it, from whoever writes it."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import aiokafka
import pytest
import structlog

from liveprofile.streams.logs import configure, escape
from liveprofile.streams.logs.libraries import ABOUT_CONNECTIONS, LINES, WINDOW_S, LibraryFilter

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


def test_warnings_of_python_are_for_those_who_write_the_code() -> None:
    stream, _ = lines("json")
    logging.getLogger("py.warnings").warning("never awaited")
    assert stream.getvalue() == ""


def test_news_of_libraries_show_at_debug_only_and_ours_at_info() -> None:
    for level, expected in (("info", ["ours"]), ("debug", ["theirs", "theirs", "ours"])):
        stream, log = lines("json", level)
        logging.getLogger("aiokafka.consumer").info("theirs")
        logging.getLogger("liveprofile.streams.runtime.app").info("theirs")  # mode logs under the names of our classes
        log.info("ours")
        assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == expected


def test_lost_connections_are_told_in_our_own_words_only() -> None:
    stream, _ = lines("json")
    for text in ABOUT_CONNECTIONS:
        logging.getLogger("aiokafka").error(text, *["x"] * text.count("%"))
    logging.getLogger("aiokafka").error("something else")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["something else"]


@pytest.mark.parametrize("text", sorted(ABOUT_CONNECTIONS))
def test_each_sentence_about_connections_stands_in_the_source_of_aiokafka(text: str) -> None:
    folder = Path(aiokafka.__file__).parent
    source = "".join(path.read_text() for path in sorted(folder.rglob("*.py")))
    assert text in re.sub(r'"\s*\n\s*"', "", source)


def test_a_storm_of_a_library_is_cut_off_and_counted_and_others_are_heard() -> None:
    now, later = [0.0], list[Callable[[], None]]()
    storm = LibraryFilter(logging.INFO, lambda: now[0], lambda after_s, work: later.append(work))
    warning = {"levelno": logging.WARNING, "msg": "again"}

    def heard(name: str, count: int) -> int:
        return sum(storm.filter(logging.makeLogRecord({"name": name, **warning})) for _ in range(count))

    assert heard("aiokafka.client", 5_000) == LINES
    assert heard("faust.app", 3) == 3
    assert len(later) == 1
    stream, _ = lines("json")
    later.pop()()
    [told] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (told["library"], told["lines"]) == ("aiokafka", 5_000 - LINES)
    now[0] = WINDOW_S
    assert heard("aiokafka.client", 5_000) == LINES
    assert len(later) == 1


def test_our_own_lines_have_no_bound() -> None:
    stream, log = lines("json")
    for number in range(200):
        log.warning("ours", number=number)
    assert len(stream.getvalue().splitlines()) == 200
