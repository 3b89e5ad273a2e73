"""One backtest: it runs the tasks of a data set in sequence, and computes the figures of their cases."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from liveprofile.streams.backtest.data_sets import DATA_SETS
from liveprofile.streams.backtest.figures.judged import Judged, judge
from liveprofile.streams.backtest.task.cases import Cases
from liveprofile.streams.backtest.task.run import Run, Task
from liveprofile.streams.errors import UserError

ALL = "all"


@dataclass(frozen=True, slots=True)
class Found:
    """The result: cases for plots, figures for tables and programs."""

    data_set: str
    seconds: float
    """Running time of the tasks, without the intervals."""
    cases: Sequence[Cases]
    judged: Sequence[Judged]
    """In the order of `cases`."""

    def plain(self) -> dict[str, Any]:
        """For JSON: a single task, or a list of them."""
        run = {"dataset": self.data_set, "seconds": round(self.seconds, 1)}
        tasks = [one.plain() for one in self.judged]
        return {**tasks[0], **run} if len(tasks) == 1 else {**run, "tasks": tasks}


def chosen(data_set: str, task: str | None) -> list[Task]:
    """The tasks to run: the named one, the first by default, or each once for `all`. UserError for an unknown name."""
    if data_set not in DATA_SETS:
        raise UserError(f"There is no data set {data_set}.", _nearest(data_set, DATA_SETS))
    tasks = DATA_SETS[data_set].tasks
    if task is None:
        return [next(iter(tasks.values()))]
    if task in tasks:
        return [tasks[task]]
    if task == ALL:
        return list(dict.fromkeys(tasks.values()))
    raise UserError(f"There is no task {task} of {data_set}.", _nearest(task, list(dict.fromkeys([*tasks, ALL]))))


async def backtest(data_set: str, tasks: Sequence[Task], run: Run) -> Found:
    """Run tasks and evaluate their cases. UserError at once without data."""
    if DATA_SETS[data_set].on_disk:
        run.path()
    began, cases = time.perf_counter(), list[Cases]()
    for at, task in enumerate(tasks):
        cases += await task(replace(run, progress=_share(run.progress, at, len(tasks))))
    seconds = time.perf_counter() - began
    return Found(data_set, seconds, cases, [judge(one, run.seed) for one in cases])


def _share(progress: Callable[[float], None], at: int, tasks: int) -> Callable[[float], None]:
    """The progress of task number `at` as progress of all tasks."""
    return lambda share: progress((at + share) / tasks)


def _nearest(name: str, known: Sequence[str] | dict[str, Any]) -> str:
    near = get_close_matches(name, known, 1)
    return f"Did you mean {near[0]}?" if near else f"Take one of: {', '.join(known)}."
