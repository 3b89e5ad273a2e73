"""The questions that are asked: of which file, at which cut."""

from streams.backtest.churn import bought
from streams.backtest.churn.task import Question

ONLINE_RETAIL = Question(
    "online-retail", "*retail*.csv*", "GBP", "2011-06-01", "2011-08-31", lambda path, _: bought.of_invoices(path)
)
"""The 2,725 customers with an invoice until then."""

COMPLETE_JOURNEY = Question(
    "complete-journey",
    "transactions*.csv*",
    "USD",
    "2017-10-01",
    "2017-12-31",
    lambda _, records: bought.of_records(records),
)
