"""`liveprofile check`: files of a shop's own events against the contract, without Kafka."""

import gzip
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from liveprofile.streams.backtest.check.findings import Findings
from liveprofile.streams.backtest.check.lines import LineFile, read
from liveprofile.streams.cli import check
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.errors import DataError, ExitCode, UserError
from liveprofile.streams.stages.ingest.exchange import Exchange

SECRET = "anna.secret@example.org"
EVENTS: tuple[dict[str, Any], ...] = (
    {"topic": "clicks", "user_id": SECRET, "ts": "2026-11-01T10:00:00Z", "title": "Red vase", "price": 5},
    {
        "topic": "clicks",
        "user_id": SECRET,
        "ts": "2026-11-01T10:01:00Z",
        "titel": "Red vase",
        "itemId": SECRET,
        "category": "home",
    },
    {"topic": "searches", "user_id": SECRET, "query": ""},
    {"topic": "purchases", "user_id": SECRET, "ts": "2026-11-01T10:02:00Z", "total": 3, "currency": "GBP"},
    {"topic": "purchases", "user_id": SECRET, "ts": "2026-11-01T10:03:00Z", "items": [{"title": "Vase"}], SECRET: 1},
    {"topic": "clicks", "user_id": "guest", "title": SECRET},
)
DAY_MS = 86_400_000
NOW_MS = 1_793_900_000_000


def write(path: Path, events: tuple[Any, ...] = EVENTS) -> Path:
    path.write_text("\n".join(json.dumps(event) for event in events), encoding="utf-8")
    return path


def run(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *words], input=stdin)


def judged(path: Path, given: str | None = None, now_ms: int = NOW_MS) -> Findings:
    found = Findings(Exchange("EUR"), now_ms, 366 * DAY_MS, Placeholders())
    with LineFile(str(path)) as file:
        for line in read(file, given):
            found.add(line)
    return found


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return write(tmp_path / "mine.jsonl")


def test_inputs_are_those_of_the_contract() -> None:
    assert tuple(INPUTS) == check.INPUTS


def test_what_is_refused_is_said_by_reason_and_line_and_ends_with_its_code(mine: Path) -> None:
    done = run(str(mine), "--profiles", "0", "--json")
    assert done.exit_code == ExitCode.WRONG
    found = json.loads(done.stdout)
    assert found["taken"] == {"clicks": 2, "purchases": 2}
    assert [(one["input"], one["reason"], one["count"], one["first_lines"]) for one in found["refused"]] == [
        ("searches", "no-text", 1, [3]),
        ("clicks", "missing-user", 1, [6]),
    ]


def test_fields_that_look_like_known_ones_are_named_once_with_their_lines(mine: Path) -> None:
    found = json.loads(run(str(mine), "--profiles", "0", "--json").stdout)
    assert [(one["field"], one["looks_like"], one["first_lines"]) for one in found["look_like"]] == [
        ("titel", "title", [2]),
        ("itemId", "item_id", [2]),
    ]


def test_a_refused_record_has_its_slips_named_unless_it_is_another_systems(tmp_path: Path) -> None:
    own = {"userId": "u", "title": "Vase"}
    track = {"type": "track", "messageId": "1", "anonymousId": "a", "properties": {}, "itemId": "x"}
    found = judged(write(tmp_path / "clicks.jsonl", (own, track)))
    assert [reason for _, reason in found.refused] == ["missing-user", "foreign-record"]
    assert [(miss.unknown, miss.known, seen.lines) for (_, miss), seen in found.near.items()] == [
        ("userId", "user_id", [1])
    ]


def test_no_value_of_a_record_is_shown(mine: Path) -> None:
    for words in ((), ("--json",)):
        done = run(str(mine), "--profiles", "0", *words)
        assert "anna" not in done.output + done.stderr
        assert "vase" not in done.output.lower()


def test_what_is_taken_otherwise_than_it_seems_is_said(mine: Path) -> None:
    done = run(str(mine), "--profiles", "0").output
    assert "once, line 4  in GBP: the amounts are unknown in a shop that counts in EUR" in done
    assert "once, line 5  an order without an amount" in done
    assert "once  user_id is a placeholder (nobody)" in done


def test_fields_that_nobody_sends_are_listed(mine: Path) -> None:
    found = json.loads(run(str(mine), "--profiles", "0", "--json").stdout)
    assert "brand" in found["absent"]["clicks"]
    assert "title" not in found["absent"]["clicks"]
    assert "items.price" in found["absent"]["purchases"]


def test_a_clean_file_ends_with_nothing(tmp_path: Path) -> None:
    done = run(str(write(tmp_path / "clicks.jsonl", EVENTS[:1])), "--profiles", "0")
    assert (done.exit_code, done.output.splitlines()[:2]) == (0, ["clicks.jsonl: 1 record", "taken    clicks 1"])


def test_times_after_now_and_long_ago_are_counted(tmp_path: Path) -> None:
    events = tuple({"user_id": "u", "title": "t", "ts": ts} for ts in (NOW_MS + 5_000, NOW_MS, NOW_MS - 400 * DAY_MS))
    found = judged(write(tmp_path / "clicks.jsonl", (*events, {"user_id": "u", "title": "t"})))
    assert (found.ahead.lines, found.old.lines, found.timeless.lines) == ([1], [3], [4])


def test_the_input_is_the_option_the_topic_or_the_name(tmp_path: Path) -> None:
    bare = {"user_id": "u", "query": "vase"}
    assert judged(write(tmp_path / "mine.jsonl", (bare,)), "searches").taken == {"searches": 1}
    assert judged(write(tmp_path / "search-log.jsonl", (bare,))).taken == {"searches": 1}
    assert judged(write(tmp_path / "a.jsonl", ({"topic": "shop1-searches", **bare},))).taken == {"searches": 1}
    assert judged(write(tmp_path / "b.jsonl", ({"topic": "searches", "record": bare},))).taken == {"searches": 1}


def test_a_line_that_says_no_input_is_asked_for_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Line 1 does not say which input"):
        judged(write(tmp_path / "mine.jsonl", ({"user_id": "u"},)))


def test_a_json_array_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "clicks.json"
    path.write_text('[\n{"user_id": "u"}]', encoding="utf-8")
    with pytest.raises(DataError, match="is an array"):
        judged(path)


def test_bytes_of_any_kind_are_judged_and_never_raise(tmp_path: Path) -> None:
    path = tmp_path / "clicks.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"user_id":"u","title":"t"}\r\n\r\n\xff\xfe\n{"a":' + b"[" * 3000 + b"\n")
    path.write_bytes(path.read_bytes() + b'{"user_id":"' + b"x" * (1 << 20) + b'"}\n{"user_id":"u","title":"t"}')
    found = judged(path)
    assert found.taken == {"clicks": 2}
    assert {reason for _, reason in found.refused} == {"malformed-json", "too-deep", "too-large"}
    assert found.refused["clicks", "too-large"].lines == [5]


def test_a_gz_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "clicks.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(EVENTS[0]).encode()))
    assert judged(path).taken == {"clicks": 1}


def test_a_gz_file_that_breaks_off_is_said_to(tmp_path: Path) -> None:
    path = tmp_path / "clicks.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(EVENTS[0]).encode() * 1000)[:60])
    with pytest.raises(DataError, match="cannot be read to its end"):
        judged(path)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("-", "--input", "clicks", "--profiles", "0", stdin=b'{"user_id": "u", "title": "Vase"}\n')
    assert (done.exit_code, done.output.splitlines()[0]) == (0, "standard input: 1 record")


def test_an_empty_file_is_no_success(tmp_path: Path) -> None:
    assert run(str(write(tmp_path / "clicks.jsonl", ()))).exit_code == ExitCode.WRONG


def test_ctrl_c_shows_what_was_read_and_ends_with_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "clicks.jsonl", EVENTS[:1] * (check.EVERY + 10))
    add = Findings.add

    def add_and_interrupt(self: Findings, line: Any) -> Any:
        if line.number == check.EVERY:
            os.kill(os.getpid(), signal.SIGINT)
        return add(self, line)

    monkeypatch.setattr(Findings, "add", add_and_interrupt)
    done = run(str(path), "--json")
    assert done.exit_code == ExitCode.INTERRUPTED
    assert json.loads(done.stdout)["records"] == check.EVERY


def test_many_unknown_names_keep_a_bounded_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.streams.backtest.check.findings.MOST_NAMES", 3)
    events = tuple({"user_id": "u", "title": "t", f"key{number}": 1} for number in range(10))
    assert len(judged(write(tmp_path / "clicks.jsonl", events)).unknown) == 3


def test_a_profile_is_made_of_the_events(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from liveprofile.streams.backtest.check import profiles
    from tests.support.offline import DrawnWiring

    monkeypatch.setattr(profiles, "_CheckWiring", DrawnWiring)
    monkeypatch.chdir(tmp_path)
    done = run(str(mine), "--json")
    (snapshot,) = json.loads(done.stdout)["profiles"]
    assert snapshot["events"]["total"] == 4
    assert (snapshot["spend"]["orders"], snapshot["spend"]["total"]) == (2, 0.0)
    assert done.exit_code == ExitCode.WRONG
    assert not (tmp_path / ".liveprofile").exists()


def test_without_a_model_the_rest_is_shown_all_the_same(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(str(mine))
    assert done.exit_code == ExitCode.WRONG
    assert "no profile is shown" in " ".join(done.stderr.split())
    assert "refused" in done.stdout
