"""Card transactions judged: what is counted, by which labels, and that labels reach no method."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from support.offline import wiring
from support.paths import DATA as SHARED

from liveprofile.streams.backtest.engine.parts import OfflineWiring
from liveprofile.streams.backtest.fraud.baselines import deviations, isolation, uses_in_a_day
from liveprofile.streams.backtest.fraud.cards import card_precision
from liveprofile.streams.backtest.fraud.task import anomalies
from liveprofile.streams.backtest.fraud.transactions import DAY_MS, Table, Transactions, read_scenarios
from liveprofile.streams.backtest.task.cases import OURS, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets import card_fraud
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings

DATA = SHARED / "card_fraud" / "sample_14days.csv.gz"
HEADER = "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO"


@dataclass(frozen=True)
class DrawnRun(Run):
    """A run without a model."""

    folder: Path = Path()

    def wiring(self, currency: str | None = None) -> OfflineWiring:
        return wiring(self.folder)


def table(cards: Iterable[int], hours: Iterable[float], amounts: Iterable[float], kinds: Iterable[int]) -> Table:
    times = [round(hour * DAY_MS / 24) for hour in hours]
    return Table(np.array([*cards]), np.array(times), np.array([*amounts], float), np.array([*kinds]))


def small_file(folder: Path, labelled: bool = True) -> Path:
    """Ten days of 450 cards, used once a day for 10 to 30; one in a hundred times for twenty times as much."""
    random, lines = np.random.default_rng(1), [HEADER]
    for number in range(4_500):
        day, stolen = number // 450 + 1, random.random() < 0.01
        amount = random.uniform(10, 30) * (20 if stolen else 1)
        time = f"2018-06-{day:02d} {8 + number % 450 // 40:02d}:{number % 60:02d}:00"
        label = f",{int(stolen)},{3 * int(stolen)}" if labelled else ",0,0"
        lines.append(f"{number},{time},{number % 450},{number % 7},{amount:.2f}{label}")
    path = folder / "cards.csv"
    path.write_text("\n".join(lines))
    return path


async def judged(path: Path, folder: Path) -> Forecast:
    (found,) = await anomalies(DrawnRun(Settings(), path, folder=folder))
    assert isinstance(found, Forecast)
    return found


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Forecast:
    """The small file, judged."""
    folder = tmp_path_factory.mktemp("labelled")
    return asyncio.run(judged(small_file(folder), folder))


def test_orders_far_above_the_usual_are_told_from_the_others(labelled: Forecast) -> None:
    found = labelled
    assert found.happened.any() and len(found.happened) <= 7 * 450
    ours = found.scores[OURS]
    assert ours[found.happened].min() > np.quantile(ours[~found.happened], 0.98)
    assert found.details["transactions"] == 4_500 and 0 < found.details["before calibration"] < 4_500
    assert {"amount", "amount z-score", "velocity", "isolation forest"} < found.scores.keys()


async def test_labels_change_no_score(labelled: Forecast, tmp_path: Path) -> None:
    blind = await judged(small_file(tmp_path, labelled=False), tmp_path)
    assert not blind.happened.any()
    for name, scores in labelled.scores.items():
        assert scores.tolist() == blind.scores[name].tolist(), name


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cards.csv"
    path.write_text("TRANSACTION_ID,TX_AMOUNT\n1,2\n")
    with pytest.raises(UserError, match="TX_FRAUD_SCENARIO"):
        read_scenarios(path)


def test_a_card_is_compared_with_what_it_paid_before_and_only_then() -> None:
    found = deviations(table([1, 1, 1, 2, 1], range(5), [10, 20, 15, 900, 115], [0] * 5))
    assert found.tolist() == pytest.approx([0, 0, 0, 0, 20.0])


def test_uses_are_counted_within_24_hours() -> None:
    assert uses_in_a_day(table([1, 1, 2, 1], [0, 23, 23.5, 24], [1] * 4, [0] * 4)).tolist() == [1, 2, 1, 2]


def test_each_days_forest_is_grown_from_the_days_before_it() -> None:
    days = table([1] * 90, np.arange(90.0), np.arange(90.0), [0] * 90)
    columns = np.random.default_rng(1).normal(size=(90, 2))
    later = columns.copy()
    later[60:] += 100
    before, after = isolation(days, columns, 7), isolation(days, later, 7)
    assert before[:24].tolist() == [0.0] * 24
    assert before[24:48].tolist() == after[24:48].tolist() and before[60:].max() < after[60:].max()


def test_card_precision_looks_at_each_day_and_blocks_what_it_found() -> None:
    """Card 1 is found on the first day; on the second it is no longer looked at."""
    found = table([1, 2, 1, 2], [1, 2, 25, 26], [9, 1, 9, 1], [1, 0, 1, 1])
    assert card_precision(found, found.amounts, np.ones(4, bool)) == pytest.approx(0.01)
    assert card_precision(found, found.amounts, np.array([True, True, False, False])) == pytest.approx(0.01)
    assert card_precision(found, found.amounts, np.zeros(4, bool)) is None


def test_real_transactions_have_a_label_each() -> None:
    if not DATA.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {DATA} is not there, labels were not tried on real data")
    noted = Transactions(read_scenarios(DATA))
    with DataFile(DATA) as file:
        count = sum(1 for _ in noted.noting(card_fraud.read(file.lines, Skipped())))
    found = noted.table()
    assert count == len(found.cards) == 134_128
    assert np.bincount(found.scenarios).tolist() == [133_002, 67, 725, 334]
    assert len(np.unique(found.days[found.last_week])) == 7
