"""The task `anomalies`: detectors score card transactions before their fraud labels are known."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.figures.scores import ranking
from liveprofile.streams.backtest.fraud.baselines import deviations, isolation, uses_in_a_day
from liveprofile.streams.backtest.fraud.cards import card_precision
from liveprofile.streams.backtest.fraud.judge import Judge
from liveprofile.streams.backtest.fraud.transactions import SCENARIOS, Table, Transactions, read_scenarios
from liveprofile.streams.backtest.task.cases import OURS, Cases, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets import card_fraud
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Skipped

Bools = npt.NDArray[np.bool_]


async def anomalies(run: Run) -> Sequence[Cases]:
    """Whether a transaction is fraud: the last seven days are evaluated, all methods learn from the days before."""
    path = run.path()
    noted, judge = Transactions(read_scenarios(path)), Judge()
    skipped = Skipped()
    with DataFile(path) as file:
        async with Engine(run.wiring("EUR"), observer=judge) as engine:
            judge.look_into(engine.partitions[0].fold)
            records = noted.noting(islice(card_fraud.read(file.lines, skipped), run.limit))
            await engine.run(of_file(records), lambda _: run.progress(file.position / file.size))
    table = noted.table()
    ours = np.array([judge.scores.get(at, np.nan) for at in range(len(table.cards))])
    scores = {OURS: ours, **_baselines(table, run.seed)}
    judged = table.last_week & ~np.isnan(ours)
    return [
        Forecast(
            task="anomalies",
            users=table.cards[judged],
            times_ms=table.times_ms[judged],
            happened=table.scenarios[judged] > 0,
            probabilities={},
            scores={name: one[judged] for name, one in scores.items()},
            details=_details(table, scores, judged) | {"skipped": dict(skipped)},
        )
    ]


def _baselines(table: Table, seed: int) -> dict[str, npt.NDArray[np.float64]]:
    away = deviations(table)
    return {
        "amount": table.amounts,
        "amount z-score": away,
        "velocity": uses_in_a_day(table),
        "isolation forest": isolation(table, np.column_stack([table.amounts, away]), seed),
    }


def _details(table: Table, scores: dict[str, npt.NDArray[np.float64]], judged: Bools) -> dict[str, Any]:
    """Card precision, figures of each kind of fraud, and figures of the days that are not evaluated."""
    before = ~table.last_week & ~np.isnan(scores[OURS])
    before &= table.days > table.days.min()
    return {
        "transactions": len(table.cards),
        "before calibration": int(np.isnan(scores[OURS]).sum()),
        "card precision at 100": {name: card_precision(table, one, judged) for name, one in scores.items()},
        "by scenario": {
            words: {name: _of(table.scenarios == kind, table, one, judged) for name, one in scores.items()}
            for kind, words in enumerate(SCENARIOS)
            if kind
        },
        "days before": {name: ranking(table.scenarios[before] > 0, one[before]) for name, one in scores.items()},
    }


def _of(kind: Bools, table: Table, scores: npt.NDArray[np.float64], judged: Bools) -> dict[str, float | None]:
    """Figures of one kind of fraud against no fraud."""
    chosen = judged & (kind | (table.scenarios == 0))
    return ranking(kind[chosen], scores[chosen])
