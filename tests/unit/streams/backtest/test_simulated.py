"""A small simulated shop, judged: the same cases each time, of the right shoppers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.offline import wiring

from liveprofile.streams.backtest.figures.judged import judge
from liveprofile.streams.backtest.simulator.task import SimulatedShop
from liveprofile.streams.backtest.task.cases import OURS, Cases, Figured, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.settings import Settings


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cases]:
    """The cases of the first run."""
    return asyncio.run(cases(tmp_path_factory.mktemp("first")))


async def cases(tmp_path: Path) -> dict[str, Cases]:
    shares: list[float] = []
    run = Run(Settings(data_dir=str(tmp_path)), users=60, days=3.0, seed=3, progress=shares.append)
    found = await SimulatedShop(wiring(tmp_path), run).run()
    assert shares == sorted(shares)
    return {one.task: one for one in found}


def plain(found: Sequence[Cases]) -> list[object]:
    return [judge(one, 7).plain() for one in found]


async def test_a_shop_is_judged_by_its_own_truth_and_always_alike(found: dict[str, Cases], tmp_path: Path) -> None:
    assert list(found) == ["intent", "purchase", "churn", "anomalies", "interests"]
    assert plain(list(found.values())) == plain(list((await cases(tmp_path)).values()))
    assert found["intent"].details["said"]["activities"] > 1_000
    for name in ("intent", "purchase", "churn"):
        one = found[name]
        assert isinstance(one, Forecast)
        assert len(one.users) == len(one.times_ms) == len(one.happened) > 30
        assert one.probabilities["prior rate"].tolist() == [one.happened.mean()] * len(one.happened)
        assert {"recency", "frequency"} <= one.scores.keys()
    assert 0 < np.count_nonzero(found["intent"].happened) < len(found["intent"].happened)
    assert len(set(found["intent"].users)) > 30


def test_trouble_and_interests_are_figures_beside_what_counts_would_say(found: dict[str, Cases]) -> None:
    trouble, interests = found["anomalies"], found["interests"]
    assert isinstance(trouble, Figured)
    assert isinstance(interests, Figured)
    assert trouble.n + trouble.details["injected_before"] > 0
    assert {"recall", "ap", "median_s_to_detect", "false_alerts_per_1000_users_a_day"} <= trouble.methods[OURS].keys()
    assert 0.5 < (interests.methods[f"{OURS}: long"]["precision"] or 0) <= 1.0
    assert {"popularity", "own counts"} <= interests.methods.keys()
