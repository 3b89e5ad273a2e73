"""The input of a backtest: data, settings and a callback for progress."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from liveprofile.streams.backtest.task.cases import Cases
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings

if TYPE_CHECKING:
    from liveprofile.streams.backtest.engine.parts import OfflineWiring


@dataclass(frozen=True, slots=True)
class Run:
    """One run over one data set; tasks create their wiring from it."""

    settings: Settings
    data: Path | None = None
    """The file, or the folder, that holds the data set; None for the simulated shop."""
    name: str | None = None
    """The stem of the files in the folder, if a folder can hold several data sets."""
    limit: int | None = None
    """Largest number of records."""
    users: int = 500
    days: float = 56.0
    seed: int = 7
    """Size of the simulated shop and its seed; `seed` also draws the intervals."""
    cut: str | None = None
    """The last known day of tasks with one cut, such as 2026-01-31; None for the data set's own."""
    alone: bool = False
    """Run our method only, if a task can leave out the others: another run has them."""
    save_weights: Path | None = None
    """File for the weights that the recommender learnt from the valid rows; None: do not write."""
    progress: Callable[[float], None] = field(default=lambda share: None)
    """Called with the share of the work that is done."""

    def wiring(self, currency: str | None = None) -> "OfflineWiring":
        """The stages of a worker, on topics in memory; `currency` is that of the data and replaces the setting."""
        from liveprofile.streams.backtest.engine.parts import (  # heavy: --help lists the data sets without it
            OfflineWiring,
            offline,
        )

        return OfflineWiring(offline(self.settings, currency=currency))

    def path(self) -> Path:
        """The path of the data. UserError if none was given."""
        if self.data is None:
            raise UserError("This data set has to be on this machine.", "Give its path: --data PATH.")
        return self.data


Task = Callable[[Run], Awaitable[Sequence[Cases]]]
"""Runs over the data once, and returns the cases of one or several tasks."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that can be backtested."""

    words: str
    source: str
    """Where to get it."""
    licence: str
    tasks: dict[str, Task]
    """By the name that --task takes; the first is the default."""
    on_disk: bool = True
    """False if no file is needed."""
