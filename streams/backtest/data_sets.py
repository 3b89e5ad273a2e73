"""The data sets that `liveprofile backtest` knows, by the name it takes: where each comes from, and its tasks."""

from collections.abc import Sequence

from streams.backtest.cases import Cases
from streams.backtest.run import DataSet, Run


async def _shop(run: Run) -> Sequence[Cases]:
    from streams.backtest.shop_task import shop

    return await shop(run)


async def _next_item(run: Run) -> Sequence[Cases]:
    from streams.backtest.next_item.task import next_item

    return await next_item(run)


DATA_SETS: dict[str, DataSet] = {
    "simulator": DataSet("A simulated shop, judged by its own truth.", "this package", "Apache-2.0", {"all": _shop}),
    "amazon-next-item": DataSet(
        "A next-item table and its items (--data FOLDER --name STEM): valid rows, then test rows.",
        "https://github.com/AkaliKong/MiniOneRec",
        "none stated; made from Amazon Reviews 2018, for research",
        {"next-item": _next_item},
    ),
}
"""Data set by name."""
