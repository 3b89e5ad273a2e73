"""The simulated shop as a task: each part of its figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from streams.backtest.cases import Cases, Figured
from streams.backtest.run import Run
from streams.backtest.simulated import SimulatedShop


async def shop(run: Run) -> Sequence[Cases]:
    """One run of the shop."""
    found = await SimulatedShop(run.wiring(), run.users, run.days, run.seed).run(run.progress)
    return [_figured(name, part) for name, part in found.items()]


def _figured(task: str, part: Mapping[str, Any]) -> Figured:
    methods = {name: value for name, value in part.items() if isinstance(value, dict) and name != FALSE}
    told = {name: value for name, value in part.items() if name not in methods}
    return Figured(task, int(part.get("cases", 0)), methods, told)


FALSE = "false_alerts_by_kind"
