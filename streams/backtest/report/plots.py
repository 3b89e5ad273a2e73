"""Plots of a task: its metric over time, calibration of probabilities, and ablations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.figures.judged import Judged
from liveprofile.streams.backtest.figures.ranks import METRICS, gains
from liveprofile.streams.backtest.figures.scores import BINS, bin_of, roc_auc
from liveprofile.streams.backtest.report.grid import ABLATION_INTERVALS, ABLATIONS
from liveprofile.streams.backtest.task.cases import OPEN, OURS, Cases, Forecast, Ranked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WINDOWS, LEAST_IN_WINDOW = 12, 100
LEAST_IN_BIN = 10
"""Least number of cases in a bin: fewer give no reliable share."""
Labels = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
DATED_MS = 10_000_000_000
"""Lower times are case numbers: no data set is from the first months of 1970."""
OURS_LOOK = {"color": "#c0392b", "linewidth": 2.4, "zorder": 3}
OTHERS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
"""Colours of the other methods."""


def plots(cases: Cases, judged: Judged, folder: Path) -> dict[str, Path]:
    """Draw the plots that the cases allow; returns title -> file."""
    drawings: dict[str, Callable[[], Figure | None]] = {}
    if isinstance(cases, Ranked | Forecast):
        drawings["over time"] = lambda: over_time(cases)
    if isinstance(cases, Forecast):
        drawings["calibration"] = lambda: calibration(cases)
    drawings["ablations"] = lambda: ablations(judged)
    from matplotlib import style

    with style.context("default"):
        figures = {name: draw() for name, draw in drawings.items()}
        return {
            name: _saved(figure, folder / f"{judged.task} {name}.png".replace(" ", "-"))
            for name, figure in figures.items()
            if figure is not None
        }


def _saved(figure: "Figure", path: Path) -> Path:
    """Save without date and version, so that the same figures give the same bytes."""
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def over_time(cases: Ranked | Forecast) -> "Figure | None":
    """One metric of each method in windows of equally many cases, in the order of time; None for too few windows."""
    order = np.argsort(cases.times_ms, kind="stable")
    count = min(WINDOWS, len(order) // LEAST_IN_WINDOW)
    times = np.asarray(cases.times_ms)[order]
    if count < 3 or times[0] == times[-1]:
        return None
    windows = np.array_split(order, count)
    metric, methods = _in_windows(cases, windows)
    figure, axes = _figure(f"{cases.task}: {metric} over time, {len(windows[0]):,} cases a window")
    dated = times[0] > DATED_MS
    ends = [_date(cases.times_ms[one[-1]]) for one in windows] if dated else np.cumsum([len(one) for one in windows])
    looks = _looks(methods)
    for name, values in methods.items():
        axes.plot(ends, values, marker="o", markersize=3, label=name, **looks[name])
    axes.set_xlabel("end of the window" if dated else "cases so far")
    axes.set_ylabel(metric)
    if dated:
        _dated(axes)
    _legend(axes)
    return figure


def calibration(cases: Forecast) -> "Figure | None":
    """The share of positives by predicted probability, in equal-width bins, and the number of cases of each bin."""
    methods = {name: np.asarray(probabilities) for name, probabilities in cases.probabilities.items()}
    if not methods or not len(cases.happened):
        return None
    figure, axes = _figure(
        f"{cases.task}: share that happened by prediction, in bins of {LEAST_IN_BIN} cases or more", rows=(3, 1)
    )
    (above, below), looks = axes, _looks(methods)
    above.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="as predicted")
    for at, (name, probabilities) in enumerate(methods.items()):
        predicted, share, counts = binned(cases.happened, probabilities)
        known = counts >= LEAST_IN_BIN
        above.plot(predicted[known], share[known], marker="o", markersize=4, label=name, **looks[name])
        width = 1 / BINS / (len(methods) + 1)
        below.bar(np.arange(BINS) / BINS + width * (at + 1), counts, width, color=looks[name]["color"])
    above.set_ylabel("share that happened")
    below.set_yscale("symlog")
    below.set_ylabel("cases")
    below.set_xlabel("predicted probability")
    _legend(above)
    return figure


def ablations(judged: Judged) -> "Figure | None":
    """The effect of each change on one metric of our method, with the interval if there is one."""
    details = judged.details.get(ABLATIONS)
    if not details:
        return None
    metric, whole = _ablated_metric(judged, details)
    if metric is None:
        return None
    names = [name for name in details if details[name].get(metric) is not None]
    changes = [details[name][metric] - whole for name in names]
    figure, axes = _figure(f"{judged.task}: {metric} with one thing changed, against {whole:.4f}", len(names))
    places = np.arange(len(names))
    axes.barh(places, changes, color=["#c0392b" if one < 0 else "#2e7d32" for one in changes], height=0.6)
    intervals = judged.details.get(ABLATION_INTERVALS, {})
    for place, name in enumerate(names):
        if interval := intervals.get(name, {}).get(metric):
            axes.plot(interval, [place, place], color="black", linewidth=1.2, marker="|")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel(f"change of {metric} (95% interval)" if intervals else f"change of {metric}")
    return figure


def binned(happened: Labels, probabilities: Values) -> tuple[Values, Values, npt.NDArray[np.int64]]:
    """Mean probability, share of positives and number of cases in each bin; NaN in empty ones."""
    place = bin_of(probabilities)
    counts = np.bincount(place, minlength=BINS)
    with np.errstate(invalid="ignore"):
        predicted, share = (
            np.bincount(place, of, BINS) / counts for of in (probabilities, np.asarray(happened, dtype=float))
        )
    return predicted, share, counts


def _in_windows(cases: Ranked | Forecast, windows: Sequence[Places]) -> tuple[str, dict[str, list[float]]]:
    """The plotted metric, and its value for each method in each window."""
    if isinstance(cases, Forecast):
        happened = np.asarray(cases.happened)
        predicted = {name: np.asarray(of) for name, of in {**cases.probabilities, **cases.scores}.items()}
        return "AUC", {name: [roc_auc(happened[one], of[one]) for one in windows] for name, of in predicted.items()}
    at = METRICS.index("HR@10")
    gained = {name: gains(of[OPEN], cases.items)[:, at] for name, of in cases.ranks.items() if OPEN in of}
    return "HR@10", {name: [float(of[one].mean()) for one in windows] for name, of in gained.items()}


def _ablated_metric(judged: Judged, details: Mapping[str, Mapping[str, Any]]) -> tuple[str | None, float]:
    """A metric that the whole and every variant have, and its value for the whole."""
    whole = next(iter(judged.sides.values())).methods.get(OURS, {})
    for metric in ("HR@10", *whole):
        value = whole.get(metric)
        if value is not None and any(isinstance(one.get(metric), float) for one in details.values()):
            return metric, value
    return None, 0.0


def _figure(title: str, bars: int = 0, rows: tuple[int, ...] = (1,)) -> tuple["Figure", Any]:
    """A new figure outside of pyplot's state, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, max(5.0, 1.2 + 0.32 * bars)), layout="constrained")
    axes = figure.subplots(len(rows), 1, sharex=len(rows) > 1, height_ratios=rows)
    figure.suptitle(title, fontsize=11)
    for one in np.atleast_1d(axes):
        one.grid(alpha=0.25)
        one.set_axisbelow(True)
    return figure, axes


def _dated(axes: "Axes") -> None:
    """Short dates: their common part is shown once beside the axis."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    ticks = AutoDateLocator()
    axes.xaxis.set_major_locator(ticks)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(ticks))


def _legend(axes: "Axes") -> None:
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _looks(methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Line styles of the methods; ours is highlighted."""
    others = [name for name in methods if name != OURS]
    looks: dict[str, dict[str, Any]] = {
        name: {"color": OTHERS[at % len(OTHERS)], "linewidth": 1.2} for at, name in enumerate(others)
    }
    return {**looks, OURS: OURS_LOOK}


def _date(time_ms: int) -> datetime:
    return datetime.fromtimestamp(int(time_ms) / 1000, UTC)
