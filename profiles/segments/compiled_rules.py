"""Compiles a rule set into arrays for compiled code, with work space for its evaluation."""

from collections.abc import Sequence

import numpy as np

from liveprofile.profiles.kernel.context import CompiledRules, Ints
from liveprofile.profiles.segments.features import DAY_MS, FEATURE, FEATURES, KINDS
from liveprofile.profiles.segments.lowered import Lowered
from liveprofile.profiles.traits.trait import STATIC


def compile_rules(
    lowered: Lowered,
    programs: Sequence[Sequence[int]],
    *,
    version: int,
    since_ms: int,
    states: Sequence[int],
    slots: Sequence[int],
    names: Sequence[int],
    stays_ms: Sequence[int],
) -> CompiledRules:
    """The arrays of a rule set."""
    places, operators, constants = zip(*lowered.atoms, strict=True) if lowered.atoms else ((), (), ())
    count = len(FEATURES) + len(lowered.lookups)
    raw = np.zeros(count)
    return CompiledRules(
        version=version,
        since_ms=since_ms,
        atom_place=_ints(places),
        atom_operator=_ints(operators),
        atom_constant=np.array(constants, np.float64),
        lookup=np.array(lowered.lookups, np.int64).reshape(-1, 3),
        code=_ints([one for program in programs for one in program]),
        start=np.cumsum([0, *map(len, programs)], dtype=np.int64),
        state=_ints(states),
        slot=_ints(slots),
        name=_ints(names),
        stay_ms=_ints(stays_ms),
        read=raw[: len(FEATURES)].view(FEATURE),
        raw=raw,
        value=np.zeros(count),
        unit_ms=np.full(len(FEATURES), DAY_MS),
        truth=np.zeros(len(lowered.atoms), np.bool_),
        verdict=np.zeros(len(programs), np.bool_),
        timed=_ints([at for at, place in enumerate(places) if place < len(FEATURES) and KINDS[place] != STATIC]),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)
