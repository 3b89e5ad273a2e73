"""Rules, and the effect of new ones, as tables."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from liveprofile.profiles.segments.preview import Preview, Step
    from liveprofile.profiles.segments.rules import RuleSet


def rules_table(rules: "RuleSet") -> "Table":
    from rich.table import Table

    table = Table("", "name", "meaning", "enter", "exit", "stay", box=None, pad_edge=False)
    for state in rules.file.lifecycle:
        table.add_row("lifecycle", state.name, state.meaning, _plain(state.when), "", "")
    for one in rules.file.segment:
        table.add_row("segment", one.name, one.meaning, _plain(one.enter), _plain(one.exit) or "not enter", one.stay)
    return table


def preview_table(found: "Preview", rules: "RuleSet", *, of_all: bool = True) -> "Table":
    """The effect of new rules: a row for each of them, or only for those that somebody enters or leaves by."""
    from rich.table import Table

    table = Table("", "name", "now", "then", "enter", "leave", "some of them", box=None, pad_edge=False)
    for kind, names, steps in (
        ("lifecycle", [one.name for one in rules.file.lifecycle], found.states),
        ("segment", [one.name for one in rules.file.segment], found.segments),
    ):
        for name, step in _in_order(names, steps):
            if not (of_all or step.enter or step.leave):
                continue
            numbers = (step.stay + step.leave, step.stay + step.enter, step.enter, step.leave)
            some = ["+" + one[:8] for one in step.entering[:2]] + ["-" + one[:8] for one in step.leaving[:2]]
            label = name if name in names else f"{name} (removed)"
            table.add_row(kind, label, *(f"{number:,}" for number in numbers), " ".join(some))
    return table


def _in_order(names: list[str], steps: dict[str, "Step"]) -> "Iterator[tuple[str, Step]]":
    """The rules in the file's order, also those without members; then removed ones."""
    from liveprofile.profiles.segments.preview import Step

    for name in [*names, *sorted(set(steps) - set(names))]:
        yield name, steps.get(name, Step())


def _plain(expression: str) -> str:
    return " ".join(expression.split())
