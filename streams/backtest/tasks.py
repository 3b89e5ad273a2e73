"""The tasks by name; each is imported when it runs, so that listing them is fast."""

from collections.abc import Awaitable, Sequence

from liveprofile.streams.backtest.task.cases import Cases
from liveprofile.streams.backtest.task.run import Run, Task

SHOP = ("intent", "purchase", "churn", "anomalies", "interests")
"""The tasks of the simulated shop; one run gives all of them."""


def next_item(run: Run) -> Awaitable[Sequence[Cases]]:
    """The next-item task."""
    from liveprofile.streams.backtest.next_item import task

    return task.next_item(run)


def shop(*names: str) -> Task:
    """The named tasks of the simulated shop, in one run."""

    async def run_shop(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.simulator.task import shop_task

        return await shop_task(*names)(run)

    return run_shop


def intent(form: str, currency: str | None = None) -> Task:
    """The intent task for files of a replay format."""

    async def run_intent(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.intent.task import intent_of

        return await intent_of(form, currency)(run)

    return run_intent


def churn(of: str) -> Task:
    """The churn task of a data set."""

    async def ask(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.churn.questions import question

        return await question(of, run).ask(run)

    return ask


def card_fraud(run: Run) -> Awaitable[Sequence[Cases]]:
    """The fraud task on card transactions."""
    from liveprofile.streams.backtest.fraud.task import anomalies

    return anomalies(run)


def clusters(run: Run) -> Awaitable[Sequence[Cases]]:
    """The clusters task on reviewers."""
    from liveprofile.streams.backtest.clusters import task

    return task.clusters(run)


def sentiment(run: Run) -> Awaitable[Sequence[Cases]]:
    """The sentiment task on reviews."""
    from liveprofile.streams.backtest.sentiment import task

    return task.sentiment(run)
