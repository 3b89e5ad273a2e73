"""The churn questions by data set, each with its cut."""

from dataclasses import replace
from datetime import date

from liveprofile.streams.backtest.churn.bought import of_invoices
from liveprofile.streams.backtest.churn.task import Question
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.errors import UserError

QUESTIONS = {
    "online-retail": Question(
        form="online-retail",
        files="*retail*.csv*",
        currency="GBP",
        asked="2011-06-01",
        until="2011-08-31",
        absence_days=30,
        bought=lambda path, _: of_invoices(path),
    ),
    "complete-journey": Question(
        form="complete-journey",
        files="transactions*.csv*",
        currency="USD",
        asked="2017-10-01",
        until="2017-12-31",
        absence_days=14,
    ),
    "cdnow": Question(
        form="cdnow",
        files="CDNOW_*.txt*",
        currency="USD",
        asked="1997-09-30",
        until="1998-06-30",
        absence_days=30,
    ),
}
"""Question by data set."""


def question(of: str, run: Run) -> Question:
    """The data set's question; at the run's cut if it has one, and then the rest of the file has the answers.

    UserError for own records without a cut.
    """
    if run.cut is not None:
        _check(run.cut)
    if of not in QUESTIONS:
        return _own(run)
    return replace(QUESTIONS[of], asked=run.cut, until=None) if run.cut is not None else QUESTIONS[of]


def _check(cut: str) -> None:
    try:
        date.fromisoformat(cut)
    except ValueError:
        raise UserError(f"--cut {cut} is not a date.", "Give the last known day: --cut 2026-01-31.") from None


def _own(run: Run) -> Question:
    """The question for own records."""
    if run.cut is None:
        raise UserError("Churn of your own records needs a cut.", "Give the last known day: --cut 2026-01-31.")
    return Question("jsonl", "*.jsonl*", run.settings.currency, run.cut, until=None)
