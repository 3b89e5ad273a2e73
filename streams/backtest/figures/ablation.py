"""Figures of ablations: our method compared with variants of itself on the same cases."""

from collections.abc import Mapping
from typing import Any

from liveprofile.streams.backtest.figures.judged import measured
from liveprofile.streams.backtest.figures.measure import Measure
from liveprofile.streams.backtest.figures.scores import rounded
from liveprofile.streams.backtest.figures.users import DRAWS, Users, interval, redrawn
from liveprofile.streams.backtest.task.cases import OURS, Forecast, Ranked


def ablated(
    whole: Ranked | Forecast, variants: Mapping[str, Ranked | Forecast], seed: int, draws: int = DRAWS
) -> dict[str, Any]:
    """For `details`: figures of our method in each variant, and 95% intervals of the difference (variant minus whole).

    A variant must have the same cases as the whole, in the same order: ValueError otherwise. Ranked cases are compared
    with history items as candidates if both have that.
    """
    users = Users.of(whole.users)
    measures = {"": _ours(whole, users)}
    for name, variant in variants.items():
        if variant.users.tolist() != whole.users.tolist():
            raise ValueError(f"variant {name!r} has other cases than the whole: ask the same questions in its run")
        measures[name] = _ours(variant, users)
    drawn = redrawn(users, measures, seed, draws)
    metrics = list(measures[""].figures)
    return {
        "ablations": {
            name: {metric: rounded(value) for metric, value in one.figures.items()}
            for name, one in measures.items()
            if name
        },
        "ablation_intervals": {
            name: {metric: interval((drawn[name] - drawn[""])[:, at]) for at, metric in enumerate(metrics)}
            for name in variants
        },
    }


def _ours(cases: Ranked | Forecast, users: Users) -> Measure:
    """Our method on the first side of the cases."""
    _, measures = next(measured(cases, users))
    return measures[OURS]
