"""What a backtest is given: the data, the settings it is run with, and whom to tell how far it is."""

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
    """One run over one data set; tasks make their wiring from it."""

    settings: Settings
    data: Path | None = None
    """The file, or the folder, that holds the data set; None for the simulated shop."""
    name: str | None = None
    """The stem of the files in the folder, where a folder can hold several data sets."""
    limit: int | None = None
    """Take at most so many records."""
    users: int = 500
    days: float = 56.0
    seed: int = 7
    """Of the simulated shop; `seed` also draws the intervals."""
    cut: str | None = None
    """The last day that is known, where a task asks once, such as 2026-01-31; None for the data set's own."""
    alone: bool = False
    """Ours only, where a task can leave the others out: another run has them."""
    save_weights: Path | None = None
    """Where to write what the recommender learnt from the valid rows; None for nowhere."""
    progress: Callable[[float], None] = field(default=lambda share: None)
    """Is told which share of the work is done."""

    def wiring(self, currency: str | None = None) -> "OfflineWiring":
        """The stages as a worker has them, on topics in memory; `currency` is the data's, whatever the settings say."""
        from liveprofile.streams.backtest.engine.parts import (  # heavy: --help lists the data sets without it
            OfflineWiring,
            offline,
        )

        return OfflineWiring(offline(self.settings, currency=currency))

    def path(self) -> Path:
        """Where the data is. UserError where none was given."""
        if self.data is None:
            raise UserError("This data set has to be on this machine.", "Say where: --data PATH.")
        return self.data


Task = Callable[[Run], Awaitable[Sequence[Cases]]]
"""Runs over the data once, and gives one or several tasks' cases."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that can be backtested."""

    words: str
    source: str
    """Where a user gets it."""
    licence: str
    tasks: dict[str, Task]
    """By the name that --task takes; the first is what is run without one."""
    on_disk: bool = True
    """False where no file is needed."""
