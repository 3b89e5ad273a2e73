"""Finds contradictory rules: an exit that holds while enter holds, or an expression that can never hold.

Atoms compare features with constants, so the constants cut each feature's axis into cells of constant verdict. Testing
one point of every cell is an exhaustive test. A rule with too many cells is not checked.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import prod

import numpy as np

from liveprofile.profiles.segments.judge import holds, run
from liveprofile.profiles.segments.rules import RuleSet

MOST_CELLS = 100_000
"""Maximum cells tested of one rule."""


def problems(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """The name of each faulty rule, with its fault."""
    for state in rules.file.lifecycle:
        if _find(rules, (rules.programs[f"lifecycle/{state.name}"],)) == "":
            yield state.name, "can never hold"
    for rule in rules.file.segment:
        enter, leave = rules.programs[f"enter/{rule.name}"], rules.programs[f"exit/{rule.name}"]
        if _find(rules, (enter,)) == "":
            yield rule.name, "enter can never hold"
        elif leave and (found := _find(rules, (enter, leave))):
            yield rule.name, f"enter and exit hold at once, it would come and go: {found}"
        elif leave and _find(rules, (leave,)) == "":
            yield rule.name, "exit can never hold"


def _find(rules: RuleSet, programs: Sequence[Sequence[int]]) -> str | None:
    """A point where all programs hold, as text; empty if there is none, None if there are too many to test."""
    atoms = sorted({code for program in programs for code in program if code >= 0})
    axes: dict[int, list[float]] = {}
    for atom in atoms:
        place, _, constant = rules.lowered.atoms[atom]
        axes.setdefault(place, []).append(constant)
    points = {place: _points(rules, place, constants) for place, constants in axes.items()}
    if prod(map(len, points.values())) > MOST_CELLS:
        return None
    codes = [np.array(program, np.int64) for program in programs]
    truth = np.zeros(len(rules.lowered.atoms), np.bool_)
    for values in product(*points.values()):
        at = dict(zip(points, values, strict=True))
        for atom in atoms:
            place, operator, constant = rules.lowered.atoms[atom]
            truth[atom] = holds(at[place], operator, constant)
        if all(run(code, 0, len(code), truth, -1) for code in codes):
            return ", ".join(_words(rules, place, value) for place, value in at.items())
    return ""


def _points(rules: RuleSet, place: int, constants: Sequence[float]) -> list[float]:
    """One point in every cell of a feature: the constants, and points between and beyond them."""
    values = rules.lowered.values_of(place)
    if values:
        return [float(at) for at, name in enumerate(values) if name]
    cuts = sorted(set(constants))
    between = [(low + high) / 2 for low, high in pairwise(cuts)]
    return sorted({*cuts, *between, cuts[0] - 1.0, cuts[-1] + 1.0})


def _words(rules: RuleSet, place: int, value: float) -> str:
    return f"{rules.lowered.feature_name(place)} is {rules.lowered.constant_words(place, value)}"
