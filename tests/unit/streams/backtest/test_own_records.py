"""Churn of one's own records: asked at the cut that is given, answered by the rest of the file."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from liveprofile.streams.backtest.churn.questions import question
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / "mine.jsonl"
    order = {"topic": "purchases", "user_id": "u", "order_id": "1", "items": [{"item_id": "a"}]}
    times = ["2026-01-01T10:00:00Z", "2026-03-05T23:59:00Z"]
    path.write_bytes(b"\n".join(orjson.dumps(order | {"ts": ts}) for ts in times))
    return Run(Settings(data_dir=str(tmp_path), currency="CHF"), path)


def test_the_question_reaches_to_the_last_day_of_the_file(run: Run) -> None:
    asked = question("jsonl", replace(run, cut="2026-01-31"))
    assert (asked.asked, asked.until, asked.currency) == ("2026-01-31", None, "CHF")


def test_without_a_cut_nothing_can_be_asked_of_them(run: Run) -> None:
    with pytest.raises(UserError, match="--cut"):
        question("jsonl", run)


def test_a_cut_moves_the_question_of_any_data_set(run: Run) -> None:
    assert question("online-retail", run).asked == "2011-06-01"
    moved = question("online-retail", replace(run, cut="2011-10-01"))
    assert (moved.asked, moved.until) == ("2011-10-01", None), "the published question ends before this cut"


@pytest.mark.parametrize("cut", ["tomorrow", "2026-02-30", "2026-01-31T10:00:00Z"])
def test_a_cut_that_is_no_date_is_refused(run: Run, cut: str) -> None:
    with pytest.raises(UserError, match="is not a date"):
        question("jsonl", replace(run, cut=cut))
