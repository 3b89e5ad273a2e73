"""Draws the status of an application for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveprofile.streams.query.status import Part, Status

QUIET_S = 0.5
"""A shorter lag is not worth a colour."""
LATE_S = 5.0


def status_view(status: Status, *, summary_first: bool = False) -> RenderableType:
    """Lag, workers, partitions, models, and the sentence on all of it: last, or first where the end may be cut off."""
    summary = Text(status.summary, style="green" if status.lag_seconds < QUIET_S else "yellow")
    parts: list[RenderableType] = [*([summary, Text()] if summary_first else ()), _head(status), Text()]
    parts.append(_partitions(status))
    if status.models:
        parts += [Text(), _models(status)]
    return Group(*parts, *(() if summary_first else (Text(), summary)))


def _head(status: Status) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("[dim]application[/dim]", status.application)
    table.add_row("[dim]lag, end to end[/dim]", f"{status.lag_seconds:.2f} s, {status.lag_records:,} input records")
    names = ", ".join(f"{one.name} at {one.host} ({_counts(one.partitions)})" for one in status.workers)
    table.add_row("[dim]workers[/dim]", f"{len(status.workers)}, {status.group_state.lower()}: {names or 'none'}")
    if status.auth_expires_seconds is not None:
        table.add_row("[dim]credential ends[/dim]", f"in {_age(status.auth_expires_seconds)}")
    return table


def _counts(partitions: dict[str, int]) -> str:
    return ", ".join(f"{stage} {count}" for stage, count in partitions.items()) or "no partition"


def _partitions(status: Status) -> Table:
    """A row for each partition of `activity`, and for others that lag; inputs that keep up are one row a topic."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("stage", "partition", "records", "seconds", "owner", "checkpoint", "owned", "given"):
        table.add_column(name, justify="left" if name in ("stage", "partition", "owner") else "right")
    for one in _shown(status.partitions, status.application):
        table.add_row(*one)
    return table


def _shown(partitions: list[Part], application: str) -> list[tuple[Text | str, ...]]:
    rows: list[tuple[Text | str, ...]] = []
    quiet: dict[str, list[Part]] = {}
    for one in partitions:
        if one.stage != "profile" and one.lag_seconds < QUIET_S:
            quiet.setdefault(one.stage, []).append(one)
    for stage, parts in quiet.items():
        owners = sorted({part.owner or "nobody" for part in parts})
        records, seconds = sum(part.lag_records for part in parts), max(part.lag_seconds for part in parts)
        numbers = f"{len(parts)} keep up" if len(parts) > 1 else f"{_short(parts[0], application)}"
        rows.append((stage, numbers, f"{records:,}", f"{seconds:.2f}", ", ".join(owners), "", "", ""))
    return rows + [_row(one, application) for one in partitions if one.stage == "profile" or one.lag_seconds >= QUIET_S]


def _row(one: Part, application: str) -> tuple[Text | str, ...]:
    style = "" if one.lag_seconds < QUIET_S else "yellow" if one.lag_seconds < LATE_S else "red"
    return (
        one.stage,
        _short(one, application),
        f"{one.lag_records:,}",
        Text(f"{one.lag_seconds:.2f}", style=style),
        f"{one.owner or 'nobody'}{' (loading)' if one.loading else ''}",
        "" if one.checkpoint_age_seconds is None else _age(one.checkpoint_age_seconds),
        "" if one.owned_seconds is None else _age(one.owned_seconds),
        "" if one.assignments is None else f"{one.assignments}×",
    )


def _short(one: Part, application: str) -> str:
    """A partition's name; that of an internal topic without the application's."""
    return f"{one.topic.removeprefix(f'{application}.')}/{one.partition}"


def _models(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("model", "version", "told of"):
        table.add_column(name)
    for one in status.models:
        table.add_row(one.model, one.label or str(one.version), f"{_age(one.age_seconds)} ago")
    return table


def _age(seconds: float) -> str:
    """A time in one unit.

    >>> _age(0.34), _age(75), _age(7_500), _age(200_000)
    ('0.3 s', '75 s', '125 min', '56 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3 * 3600 else f"{seconds / 3600:.0f} h"
