"""The report of fault runs: a page that can be read, from results made in pieces."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.report import Place, newest, page, read, this_place

PLACE = Place("a CPU, 2 cores, 8 GiB", "Linux 6", {"Python": "3.11.7", "Kafka": "4.0.0"}, "abc1234", date(2026, 1, 2))


def result(fault: str = "F1", **changed: Any) -> dict[str, Any]:
    usual = {
        "fault": fault,
        "n": 20,
        "seed": 7,
        "events": 200_000,
        "invariants": {"I1": 0, "I2": 0, "I4": 0},
        "recovery_s": {"median": 5.04, "p95": 9.96, "max": 12.0},
        "repeats": 1_234,
        "ok": True,
        "problems": [],
        "notes": {"state": "memory"},
        "commit": "abc1234",
    }
    return usual | changed


CONTROL = {"fault": "control-F1", "title": "killed", "events": 28_080, "lost": 0, "double": 424, "ok": True}


def rows(text: str, first: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {first} |")]


def test_a_run_is_one_row_with_its_violations_and_its_recovery():
    (row,) = rows(page([result()], PLACE), "F1")
    words = "a worker is killed (kill -9)"
    assert row == ["F1", words, "20", "200,000", "0", "0", "0", "5.0, 10.0, 12.0", "1,234", "yes", "abc1234"]


def test_a_run_that_failed_says_why():
    (row,) = rows(page([result(ok=False, problems=["it stood still"], invariants={"I1": 3})], PLACE), "F1")
    assert row[4] == "3"
    assert row[-2] == "**no**: it stood still"


def test_every_fault_has_a_row_and_one_without_a_run_says_why_in_the_order_of_the_matrix():
    text = page([result("F2"), result("F2", notes={"state": "rocksdb"})], PLACE).partition("## The matrix")[2]
    names = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| F")]
    assert names[:3] == ["F1", "F2", "F2 (rocksdb)"]
    assert {*FAULTS, "F22", "F28"} == {name.partition(" ")[0] for name in names}
    assert "| not run: not at this release |" in next(line for line in text.splitlines() if line.startswith("| F1 |"))
    assert "| not run: tests/unit/streams/serve/test_safety.py has bad tokens, floods and huge bodies |" in text


def test_the_newest_result_of_a_fault_wins_and_the_order_is_that_of_the_matrix():
    found = newest([result("F2"), result("F1", n=2), CONTROL, result("F1", n=20)])
    assert [(one["fault"], one.get("n")) for one in found] == [("F1", 20), ("F2", 20), ("control-F1", None)]


def test_runs_with_rocksdb_stand_beside_those_in_memory():
    text = page([result(), result(notes={"state": "rocksdb"})], PLACE)
    assert len(rows(text, "F1")) == len(rows(text, "F1 (rocksdb)")) == 1


def test_an_invariant_that_no_run_checked_has_no_column():
    text = page([result()], PLACE)
    assert "| I4 |" in text
    assert "| I8 |" not in text


def test_the_page_names_machine_versions_commit_day_and_what_zero_means():
    text = page([result(), result("F2", n=100)], PLACE)
    for words in ("a CPU, 2 cores, 8 GiB", "Kafka 4.0.0", "abc1234", "2026-01-02", "below about 3/n"):
        assert words in text


def test_what_a_fault_measured_besides_is_listed_and_what_all_count_is_not():
    text = page([result("F13", notes={"state": "memory", "applied": 9, "far_counted_twice": 4_209})], PLACE)
    assert rows(text, "F13")[-1] == ["F13", "far counted twice", "4,209"]
    assert "applied" not in text.partition("## Measured besides")[2].partition("## Limits")[0]


def test_the_control_has_a_table_of_its_own():
    assert rows(page([CONTROL], PLACE), "F1") == [["F1", "killed", "28,080", "0", "424", "yes"]]


def test_results_are_read_line_by_line_and_a_broken_line_is_named(tmp_path: Path):
    file = tmp_path / "results.jsonl"
    file.write_text('{"fault": "F1"}\n{"fault": \n')
    with pytest.raises(ValueError, match=r"results.jsonl, line 2 is not JSON"):
        read(file)


def test_this_machine_can_be_described():
    here = this_place()
    assert "cores" in here.machine
    assert {"Python", "Kafka", "faust-streaming", "aiokafka"} <= here.versions.keys()


def test_the_page_names_the_machines_of_all_runs_each_once() -> None:
    runs = [result("F1", machine="old, 2 cores"), result("F2"), result("F3", machine="old, 2 cores")]
    assert "| machine | new, 4 cores; old, 2 cores |" in page(runs, replace(PLACE, machine="new, 4 cores"))
