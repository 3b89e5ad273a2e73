"""The data sets that `liveprofile backtest` knows, by the name it takes: where each comes from, and its tasks."""

from collections.abc import Awaitable, Sequence

from streams.backtest.cases import Cases
from streams.backtest.run import DataSet, Run, Task


def _shop(*names: str) -> Task:
    """These of the simulated shop's tasks, in one run; loaded when it runs."""

    async def run_shop(run: Run) -> Sequence[Cases]:
        from streams.backtest.simulator.task import shop_task

        return await shop_task(*names)(run)

    return run_shop


def _intent(form: str, currency: str | None = None) -> Task:
    """Intent over files of a replay format; loaded when it runs."""

    async def run_intent(run: Run) -> Sequence[Cases]:
        from streams.backtest.intent.task import intent_of

        return await intent_of(form, currency)(run)

    return run_intent


def _churn(of: str) -> Task:
    """Who buys nothing more after a cut; loaded when it runs."""

    async def ask(run: Run) -> Sequence[Cases]:
        from streams.backtest.churn.questions import question

        return await question(of, run).ask(run)

    return ask


def _cards(run: Run) -> Awaitable[Sequence[Cases]]:
    """Fraud among card transactions; loaded when it runs."""
    from streams.backtest.fraud.task import anomalies

    return anomalies(run)


def _clusters(run: Run) -> Awaitable[Sequence[Cases]]:
    """Clusters of reviewers; loaded when it runs."""
    from streams.backtest.clusters.task import clusters

    return clusters(run)


def _sentiment(run: Run) -> Awaitable[Sequence[Cases]]:
    """The words of reviews; loaded when it runs."""
    from streams.backtest.sentiment.task import sentiment

    return sentiment(run)


SHOP = ("intent", "purchase", "churn", "anomalies", "interests")
"""The tasks of the simulated shop, all of which one run gives."""


async def _next_item(run: Run) -> Sequence[Cases]:
    from streams.backtest.next_item.task import next_item

    return await next_item(run)


DATA_SETS: dict[str, DataSet] = {
    "simulator": DataSet(
        "A simulated shop, judged by its own truth.",
        "this package",
        "Apache-2.0",
        {"all": _shop(*SHOP), **{name: _shop(name) for name in SHOP}},
        on_disk=False,
    ),
    "rees46": DataSet(
        "REES46 multi-category store: views, carts and purchases of October 2019 and later (CSV).",
        "https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store",
        "free with attribution to REES46",
        {"intent": _intent("rees46", "USD")},
    ),
    "ubi": DataSet(
        "OpenSearch User Behavior Insights: queries and events (newline JSON).",
        "https://github.com/opensearch-project/user-behavior-insights",
        "Apache-2.0 (the published sample)",
        {"intent": _intent("ubi")},
    ),
    "taobao": DataSet(
        "Taobao UserBehavior: nine days of 2017 (CSV without a header).",
        "https://tianchi.aliyun.com/dataset/649",
        "as Tianchi states there; research, not commerce",
        {"intent": _intent("taobao")},
    ),
    "retailrocket": DataSet(
        "RetailRocket: events.csv of four and a half months, with item properties beside it.",
        "https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset",
        "CC BY-NC-SA 4.0",
        {"intent": _intent("retailrocket")},
    ),
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
    "card-fraud": DataSet(
        "Simulated card transactions, some of them fraud, with labels (CSV).",
        "https://fraud-detection-handbook.github.io/fraud-detection-handbook (its pickles, saved as one CSV)",
        "as stated there",
        {"anomalies": _cards},
    ),
    "amazon-reviews": DataSet(
        "Reviewers of Amazon Reviews 2023: reviews, stars and a category each (JSON lines; a folder or a file).",
        "https://amazon-reviews-2023.github.io, grouped by shopper and category",
        "research use",
        {"clusters": _clusters, "sentiment": _sentiment},
    ),
    "jsonl": DataSet(
        "Your own records as JSON lines with a field `topic`, in the order of time.",
        "your shop",
        "yours",
        {"intent": _intent("jsonl"), "churn": _churn("jsonl")},
    ),
    "amazon-next-item": DataSet(
        "A next-item table and its items (--data FOLDER --name STEM): valid rows, then test rows.",
        "https://github.com/AkaliKong/MiniOneRec",
        "none stated; made from Amazon Reviews 2018, for research",
        {"next-item": _next_item},
    ),
}
"""Data set by name."""
