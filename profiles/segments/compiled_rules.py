"""Tags: a rule set as arrays for compiled code, with room for what it works out on the way."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.segments.expressions import Lowered
from liveprofile.profiles.segments.features import DAY_MS, FEATURE, FEATURES, KINDS
from liveprofile.profiles.traits.trait import STATIC

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class CompiledRules(NamedTuple):
    """Rules for compiled code: a atoms, m lookups, p programs, s lifecycle states, n segments, f features.

    The programs are those of the states in their order, then enter and exit of each segment.
    """

    version: int
    """Names these rules in rows; 32 bits, never 0."""
    since_ms: int
    """When they came into force."""
    atom_place: Ints
    """Feature, or f plus lookup (a,)."""
    atom_operator: Ints
    atom_constant: Floats
    lookup: Ints
    """What, scale and key (m, 3)."""
    code: Ints
    start: Ints
    """Where each program begins in `code` (p + 1,)."""
    state: Ints
    """Numbers of the lifecycle states in the order that they are tried (s,)."""
    slot: Ints
    """Bit of each segment (n,)."""
    name: Ints
    """Digest of each segment's name (n,)."""
    stay_ms: Ints
    read: npt.NDArray[np.void]
    """Work space: the features of the row at hand, one record on the memory of `raw`."""
    raw: Floats
    """Features as they were read, then lookups (f + m,)."""
    value: Floats
    """The same at the moment that is judged."""
    unit_ms: Floats
    """What ages are measured in (f,)."""
    truth: Flags
    """Of the atoms (a,)."""
    verdict: Flags
    """Of the programs (p,)."""
    timed: Ints
    """The atoms that time alone can turn."""


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
