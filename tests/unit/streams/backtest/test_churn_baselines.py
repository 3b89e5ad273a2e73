"""Churn without the stream: histories in weeks, and the figures that are known of Online Retail."""

from pathlib import Path

import numpy as np
import pytest
from support.paths import DATA

from liveprofile.streams.backtest.churn.baselines import DAY_MS, churn_scores, weekly
from liveprofile.streams.backtest.churn.bought import of_invoices, of_records
from liveprofile.streams.backtest.churn.questions import QUESTIONS
from liveprofile.streams.backtest.churn.task import file_at
from liveprofile.streams.backtest.figures.scores import roc_auc
from liveprofile.streams.datasets.record import Record, utc_ms
from liveprofile.streams.errors import UserError

RETAIL = DATA / "online_retail"


def test_weeks_begin_on_mondays_and_a_week_counts_once() -> None:
    sunday, monday, next_monday = (utc_ms(day) for day in ("2011-05-08", "2011-05-09", "2011-05-16"))
    histories = weekly([[sunday, monday, monday + DAY_MS], [monday]], next_monday)
    assert histories.repeats.tolist() == [1, 0]
    assert histories.last.tolist() == [1, 0]
    assert histories.age.tolist() == [1, 0]
    assert weekly([[monday]], next_monday + 1).age.tolist() == [1]


def test_refunds_and_guests_are_no_purchases_and_times_are_in_order() -> None:
    details = [("a", 30, None), ("a", 20, "purchase"), ("a", 10, "refund"), (None, 5, None), ("b", 7, None)]
    records = [
        Record("purchases", "key", {"ts": ts} | ({"user_id": user} if user else {}) | ({"kind": kind} if kind else {}))
        for user, ts, kind in details
    ]
    assert of_records([*records, Record("clicks", "a", {"ts": 1, "user_id": "a"})]) == {"a": [20, 30], "b": [7]}


def test_a_folder_is_as_good_as_its_only_file(tmp_path: Path) -> None:
    file = tmp_path / "transactions.csv"
    file.touch()
    assert file_at(tmp_path, "transactions*") == file_at(file, "transactions*") == file
    (tmp_path / "transactions.csv.gz").touch()
    with pytest.raises(UserError, match="has 2 files named transactions"):
        file_at(tmp_path, "transactions*")


def test_the_baselines_of_online_retail_are_as_published() -> None:
    """Customers with an invoice until 2011-06-01: 2,725; recency .666, frequency .735, BG/NBD .745 on their data."""
    if not RETAIL.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {RETAIL} is not there, baselines were not tried on real data")
    question = QUESTIONS["online-retail"]
    bought = of_invoices(file_at(RETAIL, question.files))
    known = [times for times in bought.values() if times[0] < question.now_ms]
    gone = [times[-1] < question.now_ms for times in known]
    assert len(known) == 2_725
    assert np.mean(gone) == pytest.approx(0.51, abs=0.005)
    before = [[time_ms for time_ms in times if time_ms < question.now_ms] for times in known]
    found = {name: roc_auc(gone, scores) for name, scores in churn_scores(before, question.now_ms, 13.0).items()}
    assert found == pytest.approx({"recency": 0.666, "frequency": 0.735, "BG/NBD": 0.745}, abs=0.005)
