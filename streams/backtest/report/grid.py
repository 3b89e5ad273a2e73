"""Figures as rows and columns of text, independent of their rendering."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from liveprofile.streams.backtest.figures.judged import Interval, Judged, Side
from liveprofile.streams.backtest.figures.measure import LOWER_IS_BETTER
from liveprofile.streams.backtest.figures.scores import Scores
from liveprofile.streams.backtest.task.cases import OURS

BETTER, WORSE = "*", "!"
LEGEND = f"{OURS} is better than {BETTER}, worse than {WORSE}: 95% intervals of the difference exclude 0."
ABLATIONS, ABLATION_INTERVALS = "ablations", "ablation_intervals"
"""Keys of `details`: figures of our method in each variant, and intervals of the differences."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One text."""

    text: str
    mark: str = ""
    best: bool = False
    """Whether it is the best of its column."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One table."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    legend: str = ""


def split(judged: Sequence[Judged]) -> tuple[list[Judged], Mapping[str, Any]]:
    """Separate details that are equal in several tasks of one run: the tasks without them, and the common ones."""
    alike = {
        name: value
        for name, value in judged[0].details.items()
        if len(judged) > 1 and all(name in one.details and one.details[name] == value for one in judged)
    }
    rest = [replace(one, details={key: of for key, of in one.details.items() if key not in alike}) for one in judged]
    return rest, alike


def grids(judged: Judged) -> Iterator[Grid]:
    """A task's methods in one table, then its details."""
    for name, side in judged.sides.items():
        if side.methods:
            yield methods_grid(_title(judged, name), side)
    yield from detail_grids(judged)


def methods_grid(title: str, side: Side) -> Grid:
    """Methods as rows, metrics as columns."""
    columns = _columns(side.methods.values())
    rows = [(name, [_cell(side, name, column) for column in columns]) for name in side.methods]
    return Grid(title, columns, rows, LEGEND if side.intervals else "")


def intervals_grid(title: str, side: Side) -> Grid:
    """Our method with its interval, and its difference to each other method."""
    own = (f"{OURS}, itself", [Cell(between(side.own[column])) for column in side.own])
    beyond = [
        (f"minus {name}", [Cell(between(of.get(column))) for column in side.own]) for name, of in side.intervals.items()
    ]
    return Grid(title, list(side.own), [own, *beyond])


def detail_grids(judged: Judged) -> Iterator[Grid]:
    """Ablations, and all other details."""
    if changed := judged.details.get(ABLATIONS):
        yield methods_grid(f"{judged.task}: {ABLATIONS}", ablated(judged, changed))
    details = {name: value for name, value in judged.details.items() if name not in (ABLATIONS, ABLATION_INTERVALS)}
    yield from named_grids(judged.task, details)


def named_grids(of: str, details: Mapping[str, Any]) -> Iterator[Grid]:
    """Single values in one table; a table for each group of values or of groups."""
    single = {name: value for name, value in details.items() if not isinstance(value, Mapping)}
    if single:
        yield _listed(f"{of}: details", single)
    for name, group in details.items():
        if isinstance(group, Mapping) and group:
            title = f"{of}: {words(name)}"
            nested = all(isinstance(value, Mapping) for value in group.values())
            yield _grouped(title, group) if nested else _listed(title, flat(group))


def ablated(judged: Judged, changed: Mapping[str, Scores]) -> Side:
    """Our method and its variants, as if each variant was another method."""
    whole = next(iter(judged.sides.values())).methods.get(OURS, {})
    added: Mapping[str, Mapping[str, Interval]] = judged.details.get(ABLATION_INTERVALS, {})
    lost = {
        name: {metric: one and [-one[1], -one[0]] for metric, one in metrics.items()} for name, metrics in added.items()
    }
    return Side({OURS: whole, **changed} if whole else changed, {}, lost)


def words(name: str) -> str:
    """A key as text for people."""
    return name.replace("_", " ")


def shown(value: Any) -> str:
    """A figure as text for people.

    >>> [shown(one) for one in (0.12345, 1234.56, 12345, None, float("nan"), ["a", 2])]
    ['0.1235', '1,234.6', '12,345', '-', '-', 'a, 2']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return ", ".join(map(shown, value)) if isinstance(value, list | tuple) else str(value)


def between(interval: Interval) -> str:
    """An interval of differences or figures."""
    return "-" if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}"


def flat(group: Mapping[str, Any]) -> dict[str, Any]:
    """Groups within a group as longer names.

    >>> flat({"open": {"MRR": 0.1}, "n": 3})
    {'open MRR': 0.1, 'n': 3}
    """
    plain: dict[str, Any] = {}
    for name, value in group.items():
        if isinstance(value, Mapping):
            plain |= {f"{name} {key}": one for key, one in flat(value).items()}
        else:
            plain[str(name)] = value
    return plain


def _title(judged: Judged, side: str) -> str:
    name = f"{judged.task} ({side})" if side else judged.task
    return f"{name}: {judged.n:,} cases" if judged.n else name


def _cell(side: Side, name: str, metric: str) -> Cell:
    value = side.methods[name].get(metric)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    known = [sign * one for of in side.methods.values() if (one := of.get(metric)) is not None]
    best = value is not None and len(known) > 1 and sign * value == max(known)
    return Cell(shown(value), _mark(side.intervals.get(name, {}).get(metric), sign), best)


def _mark(interval: Interval, sign: int) -> str:
    if interval is None or interval[0] <= 0 <= interval[1]:
        return ""
    return BETTER if sign * interval[0] > 0 else WORSE


def _grouped(title: str, group: Mapping[str, Mapping[str, Any]]) -> Grid:
    rows = {name: flat(values) for name, values in group.items()}
    columns = _columns(rows.values())
    return Grid(title, columns, [(name, [Cell(shown(of.get(one))) for one in columns]) for name, of in rows.items()])


def _listed(title: str, values: Mapping[str, Any]) -> Grid:
    return Grid(title, ["value"], [(name, [Cell(shown(value))]) for name, value in values.items()])


def _columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """All metrics of all rows, in the order of their first appearance."""
    return list(dict.fromkeys(column for row in rows for column in row))
