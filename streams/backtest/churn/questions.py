"""The questions that are asked: of which data set, at which cut."""

from streams.backtest.churn import bought
from streams.backtest.churn.task import Question

QUESTIONS = {
    "online-retail": Question(
        form="online-retail",
        files="*retail*.csv*",
        currency="GBP",
        asked="2011-06-01",
        until="2011-08-31",
        absence_days=30,
        bought=lambda path, _: bought.of_invoices(path),
    ),
    "complete-journey": Question(
        form="complete-journey",
        files="transactions*.csv*",
        currency="USD",
        asked="2017-10-01",
        until="2017-12-31",
        absence_days=30,
        bought=lambda _, records: bought.of_records(records),
    ),
    "cdnow": Question(
        form="cdnow",
        files="CDNOW_*.txt*",
        currency="USD",
        asked="1997-09-30",
        until="1998-06-30",
        absence_days=30,
        bought=lambda _, records: bought.of_records(records),
    ),
}
"""Question by data set."""
