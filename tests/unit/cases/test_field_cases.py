"""Inputs that real shops sent come to what is expected of them; `python -m tests.cases` runs any folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases.case import UnusableCaseError, read_expectation, read_records
from tests.cases.compare import differences, value_at
from tests.cases.outcome import outcome_of
from tests.support.paths import ROOT

FIELD = ROOT / "tests" / "cases" / "field"
NAMES = sorted(path.name.removesuffix(".jsonl") for path in FIELD.glob("*.jsonl"))


@pytest.mark.parametrize("name", NAMES)
async def test_what_real_shops_sent_comes_to_what_is_expected(name: str, tmp_path: Path) -> None:
    arrived = read_records(FIELD / f"{name}.jsonl")
    expected = read_expectation(FIELD / f"{name}.expect.json", len(arrived))
    assert differences(expected, await outcome_of(arrived, tmp_path)) == []


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.cases", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_difference_is_printed_and_the_exit_code_is_one(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('{"topic": "clicks", "record": {"user_id": 0}, "arrives_ms": 1790000000000}\n')
    (tmp_path / "one.expect.json").write_text('{"taken": [true], "shoppers": 1, "snapshots": {"user:0": {"a": 1}}}')
    result = run(tmp_path)
    assert result.returncode == 1
    assert "record 0 should be taken, and is refused: missing-user" in result.stdout
    assert "there should be 1 profiles, and are 0" in result.stdout
    assert "user:0 should have a profile, and has none" in result.stdout


@pytest.mark.parametrize(
    ("case", "expectation", "words"),
    [
        ("", "{}", "holds no record"),
        ("{}", "{}", "one.jsonl, line 1 has to be an object with topic"),
        ("nonsense", "{}", "one.jsonl, line 1 is not JSON"),
        ('{"topic": "weather", "record": 1}', "{}", "no input"),
        ('{"topic": "clicks", "raw_base64": "?"}', "{}", "is not base64"),
        ('{"topic": "clicks"}', "{}", "neither record nor raw_base64"),
        ('{"topic": "clicks", "record": 1}', '{"taken": [true, true]}', "2 entries for 1 records"),
        ('{"topic": "clicks", "record": 1}', '{"takes": []}', "expects takes; known are"),
        ('{"topic": "clicks", "record": 1}', '{"reasons": {"1": "x"}}', "the records are 0 to 0"),
        ('{"topic": "clicks", "record": 1}', '{"snapshots": {"b1": {}}}', "names no shopper"),
        ('{"topic": "clicks", "record": 1}', "[", "one.expect.json is not JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(
    tmp_path: Path, case: str, expectation: str, words: str
) -> None:
    (tmp_path / "one.jsonl").write_text(case)
    (tmp_path / "one.expect.json").write_text(expectation)
    with pytest.raises(UnusableCaseError, match=words):
        read_expectation(tmp_path / "one.expect.json", len(read_records(tmp_path / "one.jsonl")))


def test_a_folder_without_cases_is_unusable(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 2
    assert "holds no file NAME.jsonl" in run(tmp_path).stderr
    assert run(tmp_path / "missing").returncode == 2


def test_a_path_walks_keys_numbers_and_names() -> None:
    snapshot = {"brands": [{"brand": "Acme", "share": 0.5}], "predictions": {"purchase.week": {"band": "low"}}}
    assert value_at(snapshot, "brands.Acme.share") == value_at(snapshot, "brands.0.share") == 0.5
    assert value_at(snapshot, "predictions.purchase.week.band") == "low"
    assert value_at(snapshot, "brands.1") is value_at(snapshot, "nothing") is None


async def test_a_text_is_found_in_any_output_and_encoding(tmp_path: Path) -> None:
    """The title of an item stands in the activity log, so it is found; the user id stands nowhere."""
    case = tmp_path / "one.jsonl"
    case.write_text('{"topic": "clicks", "record": {"user_id": "canary-1", "title": "Yellow canary 2"}}')
    (tmp_path / "one.expect.json").write_text('{"absent": ["canary-1", "Yellow canary 2"]}')
    arrived = read_records(case)
    found = differences(read_expectation(tmp_path / "one.expect.json", 1), await outcome_of(arrived, tmp_path))
    assert found == ["'Yellow canary 2' should stand in no output, and stands in liveprofile.activity"]
