"""A task's figures: all methods, and intervals of our method and of its difference to each other method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from liveprofile.streams.backtest.figures.forecasts import ProbabilityMeasure, ScoreMeasure
from liveprofile.streams.backtest.figures.measure import Measure
from liveprofile.streams.backtest.figures.ranks import RankMeasure
from liveprofile.streams.backtest.figures.scores import Scores, rounded
from liveprofile.streams.backtest.figures.users import DRAWS, Users, interval, redrawn
from liveprofile.streams.backtest.task.cases import BARRED, OPEN, OURS, Cases, Figured, Forecast, Ranked

Interval = list[float] | None
"""Lower and upper bound, 95%; None with fewer than two users."""


@dataclass(frozen=True, slots=True)
class Side:
    """Methods compared on the same cases."""

    methods: Mapping[str, Scores]
    own: Mapping[str, Interval] = field(default_factory=dict)
    """Metric -> interval of our method's figure."""
    intervals: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    """Method -> metric -> interval of our figure minus the method's, on the same draws."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One task's figures."""

    task: str
    n: int
    sides: Mapping[str, Side]
    """Sides `OPEN` and `BARRED`; or a single one with an empty name."""
    details: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For JSON; a task with sides has them below each method."""
        sides = self.sides
        if list(sides) == [""]:
            side = sides[""]
            figures = {"methods": side.methods, "own": side.own, "intervals": side.intervals}
        else:
            figures = {
                "methods": _turned({name: side.methods for name, side in sides.items()}),
                "own": {name: side.own for name, side in sides.items()},
                "intervals": _turned({name: side.intervals for name, side in sides.items()}),
            }
        return {"task": self.task, "n": self.n, **figures, "details": self.details}


def judge(cases: Cases, seed: int, draws: int = DRAWS) -> Judged:
    """Figures and intervals of a task's cases; the seed draws the users."""
    if isinstance(cases, Figured):
        methods = {name: {key: _rounded(value) for key, value in of.items()} for name, of in cases.methods.items()}
        return Judged(cases.task, cases.n, {"": Side(methods)}, cases.details)
    users = Users.of(cases.users)
    sides = {name: _side(users, measures, seed, draws) for name, measures in measured(cases, users)}
    return Judged(cases.task, len(cases.users), sides, cases.details)


def measured(cases: Ranked | Forecast, users: Users) -> Iterator[tuple[str, dict[str, Measure]]]:
    """The methods of each side, ours first."""
    if isinstance(cases, Ranked):
        for side in (OPEN, BARRED):
            ranks = {name: of[side] for name, of in _ours_first(cases.ranks).items() if side in of}
            if ranks:
                yield side, {name: RankMeasure(users, of, cases.items) for name, of in ranks.items()}
        return
    happened = np.asarray(cases.happened, dtype=bool)
    probabilities: dict[str, Measure] = {
        name: ProbabilityMeasure(users, happened, np.asarray(of, dtype=float))
        for name, of in cases.probabilities.items()
    }
    scores: dict[str, Measure] = {
        name: ScoreMeasure(users, happened, np.asarray(of, dtype=float)) for name, of in cases.scores.items()
    }
    yield "", _ours_first(probabilities | scores)


def figures(cases: Forecast) -> dict[str, Scores]:
    """Every method's figures, without intervals."""
    ((_, methods),) = measured(cases, Users.of(cases.users))
    return {name: _figures(one) for name, one in methods.items()}


def _figures(one: Measure) -> Scores:
    return {key: rounded(value) for key, value in one.figures.items()}


def _side(users: Users, measures: Mapping[str, Measure], seed: int, draws: int) -> Side:
    if not len(users.place):
        return Side({name: {} for name in measures})
    methods = {name: _figures(one) for name, one in measures.items()}
    if OURS not in measures:
        return Side(methods)
    drawn = {
        name: dict(zip(measures[name].figures, of.T, strict=True))
        for name, of in redrawn(users, measures, seed, draws).items()
    }
    ours = drawn.pop(OURS)
    beyond = {
        name: {metric: interval(ours[metric] - values) for metric, values in of.items() if metric in ours}
        for name, of in drawn.items()
    }
    return Side(methods, {metric: interval(values) for metric, values in ours.items()}, beyond)


def _turned(sides: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Side -> method -> figures, as method -> side -> figures."""
    turned: dict[str, dict[str, Any]] = {}
    for side, methods in sides.items():
        for method, figures in methods.items():
            turned.setdefault(method, {})[side] = figures
    return turned


def _ours_first(methods: Mapping[str, Any]) -> dict[str, Any]:
    return {name: methods[name] for name in sorted(methods, key=lambda name: name != OURS)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)
