"""The score of a run and its survivors, as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Results = Sequence[Mapping[str, Any]]


def written(results: Results, *, rooms: Sequence[str], total: int, seed: int) -> str:
    """Score, a table of rooms, and every survivor with its difference."""
    tried = [one for one in results if one["outcome"] != "nothing to change"]
    seconds = [one["seconds"] for one in tried]
    took = f"{sum(seconds) / 60:.0f} min, {sum(seconds) / max(len(tried), 1):.1f} s a mutant"
    lines = [
        f"**{_score(tried)} of {len(tried)} mutants killed** (seed {seed}, of {total:,} mutations; {took}).",
        "",
        "| room | mutants | killed | survived | of these not reached |",
        "| --- | --- | --- | --- | --- |",
        *_rows(tried, rooms),
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


def _rows(results: Results, rooms: Sequence[str]) -> list[str]:
    rows = []
    for room in rooms:
        inside = [one for one in results if one["module"].startswith(f"{room}/")]
        counts = Counter(one["outcome"] for one in inside)
        survived, killed = len(inside) - counts["killed"], f"{counts['killed']} ({_score(inside)})"
        rows.append(f"| {room} | {len(inside)} | {killed} | {survived} | {counts['not reached']} |")
    return rows


def _survivor(one: Mapping[str, Any]) -> list[str]:
    reached = "" if one["outcome"] == "survived" else f" ({one['outcome']})"
    place = f"{one['module']}:{one['line']} {one['operator'].partition('/')[2]}{reached}"
    return [place, *one["difference"].splitlines()]
