"""The score of a run and its survivors, as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Results = Sequence[Mapping[str, Any]]


def written(results: Results, *, total: int, seed: int) -> str:
    """Score, a table of rooms, and every survivor with its difference."""
    tried = [one for one in results if one["outcome"] != "nothing to change"]
    minutes = sum(one["seconds"] for one in results) / 60
    lines = [
        f"**{_score(tried)} of {len(tried)} mutants killed** (seed {seed}, of {total:,} mutations; {minutes:.0f} min).",
        "",
        "| room | mutants | killed | survived |",
        "| --- | --- | --- | --- |",
        *_rows(tried),
        "",
    ]
    survivors = [one for one in tried if one["outcome"] != "killed"]
    if survivors:
        lines += ["Survivors:", "", "```diff", *(line for one in survivors for line in _survivor(one)), "```", ""]
    return "\n".join(lines)


def _score(results: Results) -> str:
    """
    >>> _score([{"outcome": "killed"}, {"outcome": "killed"}, {"outcome": "survived"}])
    '67%'
    """
    killed = sum(one["outcome"] == "killed" for one in results)
    return f"{100 * killed / len(results):.0f}%" if results else "none"


def _rows(results: Results) -> list[str]:
    counts = Counter((_room(one["module"]), one["outcome"]) for one in results)
    rooms = sorted({room for room, _ in counts})
    return [
        f"| {room} | {counts[room, 'killed'] + counts[room, 'survived']} | {counts[room, 'killed']} | "
        f"{counts[room, 'survived']} |"
        for room in rooms
    ]


def _room(module: str) -> str:
    """
    >>> _room("profiles/fold/apply.py"), _room("streams/stages/ingest/text.py")
    ('profiles/fold', 'streams/stages/ingest')
    """
    return module.rpartition("/")[0]


def _survivor(one: Mapping[str, Any]) -> list[str]:
    return [f"{one['module']}:{one['line']} {one['operator'].partition('/')[2]}", *one["difference"].splitlines()]
