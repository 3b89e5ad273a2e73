"""The data sets that `liveprofile backtest` knows, by the name it takes: where each comes from, and its tasks."""

from collections.abc import Sequence

from streams.backtest.cases import Cases
from streams.backtest.run import DataSet, Run


async def _shop(run: Run) -> Sequence[Cases]:
    from streams.backtest.shop_task import shop

    return await shop(run)


DATA_SETS: dict[str, DataSet] = {
    "simulator": DataSet("A simulated shop, judged by its own truth.", "this package", "Apache-2.0", {"all": _shop}),
}
"""Data set by name."""
