"""The fixed logs: two simulated shops, and two real data sets where the shared data folder has them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from liveprofile.streams.backtest.engine.arrivals import Arrival, of_file, of_shop
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.simulator.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
"""Beside the repository, as for the other tests of real data."""
EVENTS = 200_000


@dataclass(frozen=True)
class FixedLog:
    """Input records that are the same at every call."""

    name: str
    arrivals: Callable[[Path], list[Arrival]]
    """Is given the shared data folder."""
    tick_s: float = 3600.0
    partitions: int = 1
    currency: str = "EUR"
    file: str = ""
    """Needed in the shared data folder; empty for a simulated shop."""


def shop(seed: int, users: int, events: int) -> list[Arrival]:
    """The first events of a simulated shop, some of them broken on purpose."""
    simulator = Simulator(seed, users, broken_share=0.002)
    return list(of_shop(islice(simulator.events(), events)))


def real(path: Path, form: str) -> list[Arrival]:
    """The records of a file in the order of time."""
    with DataFile(path) as file:
        return list(of_file(read_file(file, path, FORMATS[form], Skipped())))


def _simulator(seed: int, users: int, partitions: int) -> FixedLog:
    return FixedLog(f"simulator-{seed}", lambda _: shop(seed, users, EVENTS), partitions=partitions)


def _real(name: str, file: str, form: str, currency: str, tick_s: float) -> FixedLog:
    return FixedLog(name, lambda data: real(data / file, form), tick_s, currency=currency, file=file)


LOGS = {
    one.name: one
    for one in (
        _simulator(7, 2_000, partitions=2),
        _simulator(11, 4_000, partitions=1),
        _real("online-retail", "online_retail/online_retail.dev.csv.gz", "online-retail", "GBP", 24 * 3600.0),
        _real("rees46", "rees46/2019-Oct.csv.gz", "rees46", "USD", 6 * 3600.0),
    )
}
"""By name."""
