"""Card transactions of the engine's input with the Handbook's labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Record, Skipped
from liveprofile.streams.datasets.table import rows
from liveprofile.streams.errors import UserError

DAY_MS = 86_400_000
SCENARIOS = ("none", "large amount", "compromised terminal", "stolen card")
"""Kinds of fraud by their number in the file (Le Borgne et al., Fraud Detection Handbook, 2022, chapter 3)."""


def read_scenarios(path: Path) -> dict[str, int]:
    """The scenario of each transaction, 0 for none. UserError for a file without labels."""
    with DataFile(path) as file:
        try:
            return {
                row["TRANSACTION_ID"]: int(row["TX_FRAUD_SCENARIO"])
                for row in rows(file.lines, Skipped(), "TRANSACTION_ID", "TX_FRAUD_SCENARIO")
            }
        except ValueError as error:
            raise UserError(f"{path.name} has a scenario that is no number: {error}.", "Fetch it again.") from error


@dataclass(frozen=True, slots=True)
class Table:
    """Transactions as arrays (n,), in the order of time."""

    cards: npt.NDArray[np.int64]
    times_ms: npt.NDArray[np.int64]
    amounts: npt.NDArray[np.float64]
    scenarios: npt.NDArray[np.int64]

    @property
    def days(self) -> npt.NDArray[np.int64]:
        """Days since 1970, UTC."""
        return self.times_ms // DAY_MS

    @property
    def last_week(self) -> npt.NDArray[np.bool_]:
        """Whether a transaction is evaluated: on the last seven days, or on all days if there are no more."""
        judged: npt.NDArray[np.bool_] = self.days > self.days.max() - 7 if len(self.days) else np.zeros(0, bool)
        return judged


@dataclass(slots=True)
class Transactions:
    """Collects transactions while they are read."""

    scenarios: dict[str, int]
    _cards: list[int] = field(default_factory=list)
    _times_ms: list[int] = field(default_factory=list)
    _amounts: list[float] = field(default_factory=list)
    _labels: list[int] = field(default_factory=list)

    def noting(self, records: Iterable[Record]) -> Iterator[Record]:
        """The unchanged records; each transaction is collected on the way."""
        for record in records:
            self._cards.append(int(record.key.rpartition("-")[2]))
            self._times_ms.append(record.time_ms or 0)
            self._amounts.append(record.fields["total"])
            self._labels.append(self.scenarios[record.fields["order_id"]])
            yield record

    def table(self) -> Table:
        """The collected transactions."""
        return Table(
            np.array(self._cards, np.int64),
            np.array(self._times_ms, np.int64),
            np.array(self._amounts),
            np.array(self._labels, np.int64),
        )
