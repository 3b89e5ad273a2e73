"""The data sets that `liveprofile backtest` knows, by the name it takes: where each comes from, and its tasks."""

from collections.abc import Sequence

from streams.backtest.cases import Cases
from streams.backtest.run import DataSet, Run, Task


async def _shop(run: Run) -> Sequence[Cases]:
    from streams.backtest.shop_task import shop

    return await shop(run)


def _churn(of: str) -> Task:
    async def ask(run: Run) -> Sequence[Cases]:
        from streams.backtest.churn.questions import QUESTIONS

        return await QUESTIONS[of].ask(run)

    return ask


DATA_SETS: dict[str, DataSet] = {
    "simulator": DataSet("A simulated shop, judged by its own truth.", "this package", "Apache-2.0", {"all": _shop}),
    "online-retail": DataSet(
        "The orders of a gift shop, December 2010 to August 2011 (or to December).",
        "https://archive.ics.uci.edu/dataset/352/online+retail, saved as CSV",
        "CC BY 4.0",
        {"churn": _churn("online-retail")},
    ),
    "complete-journey": DataSet(
        "A year of grocery baskets of 2,500 households; products.csv has to lie beside the transactions.",
        "https://www.dunnhumby.com/source-files, or as CSV from https://github.com/bradleyboehmke/completejourney",
        "CC0",
        {"churn": _churn("complete-journey")},
    ),
    "cdnow": DataSet(
        "Purchases of 23,570 customers of a CD shop in 78 weeks from 1997 on.",
        "https://www.brucehardie.com/datasets/",
        "research use",
        {"churn": _churn("cdnow")},
    ),
}
"""Data set by name."""
