"""The tasks by name, each loaded when it runs: a list of them must not take seconds."""

from collections.abc import Awaitable, Sequence

from liveprofile.streams.backtest.task.cases import Cases
from liveprofile.streams.backtest.task.run import Run, Task

SHOP = ("intent", "purchase", "churn", "anomalies", "interests")
"""The tasks of the simulated shop, all of which one run gives."""


def next_item(run: Run) -> Awaitable[Sequence[Cases]]:
    """The item that comes next; loaded when it runs."""
    from liveprofile.streams.backtest.next_item import task

    return task.next_item(run)


def shop(*names: str) -> Task:
    """These of the simulated shop's tasks, in one run; loaded when it runs."""

    async def run_shop(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.simulator.task import shop_task

        return await shop_task(*names)(run)

    return run_shop


def intent(form: str, currency: str | None = None) -> Task:
    """Intent over files of a replay format; loaded when it runs."""

    async def run_intent(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.intent.task import intent_of

        return await intent_of(form, currency)(run)

    return run_intent


def churn(of: str) -> Task:
    """Who buys nothing more after a cut; loaded when it runs."""

    async def ask(run: Run) -> Sequence[Cases]:
        from liveprofile.streams.backtest.churn.questions import question

        return await question(of, run).ask(run)

    return ask


def card_fraud(run: Run) -> Awaitable[Sequence[Cases]]:
    """Fraud among card transactions; loaded when it runs."""
    from liveprofile.streams.backtest.fraud.task import anomalies

    return anomalies(run)


def clusters(run: Run) -> Awaitable[Sequence[Cases]]:
    """Clusters of reviewers; loaded when it runs."""
    from liveprofile.streams.backtest.clusters import task

    return task.clusters(run)


def sentiment(run: Run) -> Awaitable[Sequence[Cases]]:
    """The words of reviews; loaded when it runs."""
    from liveprofile.streams.backtest.sentiment import task

    return task.sentiment(run)
