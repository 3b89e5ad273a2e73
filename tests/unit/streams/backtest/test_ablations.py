"""Ablations: a task is run again with one setting changed at a time, and its figures stand beside the whole's."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from liveprofile.profiles.state.row import SLOTS
from liveprofile.streams.backtest.ablations import ALL, GROUPS, ablating, variants
from liveprofile.streams.backtest.task.cases import OURS, Cases, Figured, Forecast
from liveprofile.streams.backtest.task.run import Run, Task
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.sections import Learn


async def clusters(run: Run) -> Sequence[Cases]:
    """Figures that give the settings away."""
    run.progress(1.0)
    return [Figured("clusters", 1, {OURS: {"asked_for": float(run.settings.learn.clusters)}}, {"seen": 1})]


async def rain(run: Run) -> Sequence[Cases]:
    """The better known, the longer profiles remember."""
    users, happened = np.arange(40) % 8, np.arange(40) % 2 == 0
    lean = (
        min(
            run.settings.profile.policy.decay.half_life_s["long"] / Settings().profile.policy.decay.half_life_s["long"],
            4.0,
        )
        / 10
    )
    probabilities = {OURS: np.where(happened, 0.5 + lean, 0.5 - lean), "prior rate": np.full(40, 0.5)}
    details = {"ablations": {"without clouds": {"auc": 0.5}}}
    return [Forecast("rain", users, np.arange(40), happened, probabilities, details=details)]


def found(task: Task, groups: Sequence[str], run: Run) -> Cases:
    [cases] = asyncio.run(ablating(task, groups, run.settings)(run))  # type: ignore[arg-type]
    return cases


def test_every_variant_of_settings_changes_one_thing(tmp_path: Path) -> None:
    settings = Settings()
    chosen = variants(["half-lives", "items", "slots", "clusterers"], settings)
    changed = [one.change(settings, tmp_path) for one in chosen]
    assert settings not in changed
    assert len({one.name for one in chosen}) == len(chosen) == len(set(map(repr, changed)))
    assert [one.profile.policy.slots.most for one in changed if one.profile.policy.slots.most != SLOTS] == [1, 2, 4]
    assert {one.learn.clusterer for one in changed} == {"kmeans", "streamkmeans", "dbstream"}
    assert [one.profile.policy.decay.half_life_s["long"] / 86_400 for one in changed[:3]] == [30.0, 120.0, 240.0]


def test_what_is_set_already_is_no_variant() -> None:
    names = [one.name for one in variants(["clusterers"], Settings(learn=Learn(clusterer="dbstream", clusters=8)))]
    assert names == ["clusterer: kmeans", "clusterer: streamkmeans", "clusters: 16", "clusters: 32"]


def test_settings_stands_for_all_groups() -> None:
    assert variants([ALL], Settings())[-1].name == variants(list(GROUPS), Settings())[-1].name == "clusters: 32"


def test_an_unknown_group_is_refused_before_anything_runs() -> None:
    with pytest.raises(UserError, match="nothing called colours to vary"):
        ablating(clusters, ["slots", "colours"], Settings())


def test_finished_figures_stand_beside_those_of_each_variant() -> None:
    shares: list[float] = []
    details = found(clusters, ["clusterers"], Run(Settings(), progress=shares.append)).details
    asked = {name: figures["asked_for"] for name, figures in details["ablations"].items()}
    assert asked == {
        "clusterer: streamkmeans": 16.0,
        "clusterer: dbstream": 16.0,
        "clusters: 8": 8.0,
        "clusters: 32": 32.0,
    }
    assert details["seen"] == 1
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_only_the_whole_asks_the_other_methods() -> None:
    asked: list[bool] = []

    async def task(run: Run) -> Sequence[Cases]:
        asked.append(run.alone)
        return await clusters(run)

    found(task, ["slots"], Run(Settings()))
    assert asked == [False, True, True, True]


def test_cases_are_compared_by_user_and_what_was_told_before_stays() -> None:
    details = found(rain, ["half-lives"], Run(Settings())).details
    losses = {name: figures.get("log_loss") for name, figures in details["ablations"].items()}
    longer, shorter = losses["half-lives of interests x 2"], losses["half-lives of interests x 0.5"]
    assert longer is not None and shorter is not None and longer < shorter
    assert "without clouds" in losses
    least, most = details["ablation_intervals"]["half-lives of interests x 0.5"]["log_loss"]
    assert 0 < least <= most
