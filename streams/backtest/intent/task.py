"""The intent task over a file of clicks: predict in the middle of a session, then learn how it ended."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.figures.judged import figures
from liveprofile.streams.backtest.figures.scores import Scores
from liveprofile.streams.backtest.task.cases import Cases, Forecast
from liveprofile.streams.backtest.task.run import Run, Task
from liveprofile.streams.backtest.truth.forecast import intent
from liveprofile.streams.backtest.truth.shoppers import Shoppers
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Skipped

BATCH, TICK_S = 500, 60.0
"""A worker learns within seconds: the label of an ended session must not wait for thousands of other records."""


def intent_of(form: str, currency: str | None = None) -> Task:
    """The task for files of a replay format, with amounts in the currency."""

    async def run_intent(run: Run) -> Sequence[Cases]:
        shoppers, skipped, path = Shoppers(), Skipped(), run.path()
        wiring = run.wiring(currency)
        async with Engine(wiring, observer=shoppers, batch=BATCH, tick_s=TICK_S) as engine:
            with DataFile(path) as file:
                records = read_file(file, path, FORMATS[form], skipped, run.limit)
                await engine.run(of_file(records), lambda _: run.progress(file.position / max(1, file.size)))
            shoppers.answer_rest(engine.partitions[0].fold)
            found = intent(shoppers.visits)
        details = {"later half": _later_half(found), "records": engine.records, "skipped": dict(skipped.most_common())}
        return [replace(found, details={**found.details, **details})]

    return run_intent


def _later_half(found: Forecast) -> dict[str, Scores]:
    """Figures of the later half of the cases, which no setting was chosen on."""
    late = found.times_ms > np.median(found.times_ms) if len(found.times_ms) else np.zeros(0, dtype=bool)
    if not late.any():
        return {}
    probabilities, scores = (
        {name: of[late] for name, of in each.items()} for each in (found.probabilities, found.scores)
    )
    return figures(
        Forecast(found.task, found.users[late], found.times_ms[late], found.happened[late], probabilities, scores)
    )
