"""When a change is worth saying: what is true now against what was last said, with hysteresis and a least interval.

Each detector looks at a whole wave and returns a `Detection`: which profiles changed, and how to put one of them into
words. What is said is written into the rows at once; what an interval held back is counted and looked at again with the
profile's next activity.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.assign import nearest
from profiles.facts import Change, Code, Reason
from profiles.interests import long_direction
from profiles.model import AdoptedModel
from profiles.names import Names
from profiles.policy import Policy
from profiles.row import PATHS, SCALES, Rows
from profiles.wave import Bools, Wave

BANDS = ("none", "low", "middle", "high", "top")
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
"""00-06, 06-12, 12-18 and 18-24 UTC."""
BRAND_PATH, SPEND_PATH, HOURS_PATH, CLUSTER_PATH = 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Detection:
    """What one detector found in a wave."""

    said: Bools
    """(n,) true where the change is said now."""
    held_back: int
    """Profiles whose change is true but not yet due."""
    describe: Callable[[int], Change]
    """The change of the profile at a place in the wave."""


def detect(wave: Wave, policy: Policy, names: Names, model: AdoptedModel | None) -> list[Detection]:
    """All detectors, in the order of `PATHS`."""
    found = [_topics(wave, policy, names, scale) for scale in range(len(SCALES))]
    found += [_brands(wave, policy, names), _spend_band(wave, policy), _hours(wave, policy)]
    if model is not None:
        found.append(_cluster(wave, policy, model))
    return found


def _due(wave: Wave, path: int, interval_s: float, differs: Bools) -> tuple[Bools, int]:
    """Which of the profiles that differ may say so now; marks them as said, and counts the others."""
    last = wave.rows["said_s"][:, path]
    due = differs & ((last == 0) | (wave.now_s >= last + np.uint32(interval_s)))
    last[due] = wave.now_s[due]
    return due, int(differs.sum() - due.sum())


def _leaders(
    ids: npt.NDArray[np.uint32],
    shares: npt.NDArray[np.float64],
    enough: Bools,
    said: npt.NDArray[np.uint32],
    enter: float,
    leave: float,
) -> npt.NDArray[np.uint32]:
    """The ids (n, k) that should be said: what enters above `enter`, what stays above `leave`, largest share first."""
    is_said = (ids[:, :, None] == said[:, None, :]).any(axis=2) & (ids != 0)
    stands = np.where(is_said, shares >= leave, (shares >= enter) & enough) & (ids != 0)
    ranked = np.argsort(np.where(stands, -shares, 1.0), axis=1, kind="stable")[:, : said.shape[1]]
    rows = np.arange(len(ids))[:, None]
    return np.where(stands[rows, ranked], ids[rows, ranked], 0).astype(np.uint32)


def _shares(masses: npt.NDArray[np.float32], least_total: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Masses (n, k) as shares of their sum, or of `least_total` (n,) where that is larger."""
    total = masses[:, 0].astype(np.float64)
    for place in range(1, masses.shape[1]):
        total += masses[:, place]
    total = np.maximum(total, least_total)
    return np.divide(masses, total[:, None], out=np.zeros(masses.shape), where=total[:, None] > 0)


def _differs(after: npt.NDArray[np.uint32], before: npt.NDArray[np.uint32]) -> Bools:
    """Where two sets of ids are not the same, whatever their order."""
    differs: Bools = (np.sort(after, axis=1) != np.sort(before, axis=1)).any(axis=1)
    return differs


def _topics(wave: Wave, policy: Policy, names: Names, scale: int) -> Detection:
    rows = wave.rows
    masses = rows["topic_mass"][:, scale]
    shares = _shares(masses, rows["mass"][:, scale])
    enter, leave = policy.topic_enter_share[scale], policy.topic_exit_share[scale]
    before = rows["said_topic"][:, scale].copy()
    enough = masses >= policy.topic_least_mass[scale]
    after = _leaders(rows["topic"], shares, enough, before, enter, leave)
    said, held = _due(wave, scale, policy.topic_interval_s[scale], _differs(after, before))
    rows["said_topic"][said, scale] = after[said]

    def describe(i: int) -> Change:
        codes = (Code.INTEREST_ENTERED, Code.INTEREST_LEFT, Code.INTEREST_SHIFTED)
        return _set_change(PATHS[scale], codes, before[i], after[i], rows["topic"][i], shares[i], enter, leave, names)

    return Detection(said, held, describe)


def _brands(wave: Wave, policy: Policy, names: Names) -> Detection:
    rows = wave.rows
    shares = _shares(rows["brand_mass"], np.zeros(len(rows), np.float32))
    before = rows["said_brand"].copy()
    enough = rows["brand_mass"] >= policy.brand_least_mass
    enter, leave = policy.brand_enter_share, policy.brand_exit_share
    after = _leaders(rows["brand"], shares, enough, before, enter, leave)
    said, held = _due(wave, BRAND_PATH, policy.brand_interval_s, _differs(after, before))
    rows["said_brand"][said] = after[said]

    def describe(i: int) -> Change:
        codes = (Code.BRAND_FAVOURED, Code.BRAND_DROPPED, Code.BRAND_FAVOURED)
        return _set_change("brands", codes, before[i], after[i], rows["brand"][i], shares[i], enter, leave, names)

    return Detection(said, held, describe)


def _set_change(
    path: str,
    codes: tuple[Code, Code, Code],
    before: npt.NDArray[np.uint32],
    after: npt.NDArray[np.uint32],
    ids: npt.NDArray[np.uint32],
    shares: npt.NDArray[np.float64],
    enter: float,
    leave: float,
    names: Names,
) -> Change:
    """A change of a set of names: what entered, what left, or both."""
    old, new = [int(x) for x in before if x], [int(x) for x in after if x]
    entered, left = [x for x in new if x not in old], [x for x in old if x not in new]
    share_of = dict(zip(ids.tolist(), shares.tolist(), strict=True))
    code = codes[2] if entered and left else codes[0] if entered else codes[1]
    watched = entered or left
    observed = max(share_of.get(x, 0.0) for x in watched)
    rule = "share-enters@1" if entered else "share-leaves@1"
    reason = Reason(code, rule, enter if entered else leave, round(observed, 4))
    op = "replace" if old and new else "add" if new else "remove"
    return Change(path, op, [names.name(x) for x in old], [names.name(x) for x in new], reason)


def _spend_band(wave: Wave, policy: Policy) -> Detection:
    rows = wave.rows
    recent = rows["spend_recent"].astype(np.float64) / 100.0
    bounds = np.asarray(policy.spend_bounds)
    before = rows["said_band"].astype(np.int64)
    lowest = np.searchsorted(bounds, recent, side="right")
    highest = np.searchsorted(bounds * policy.spend_exit_factor, recent, side="right")
    after = np.clip(before, lowest, highest)
    said, held = _due(wave, SPEND_PATH, policy.spend_interval_s, after != before)
    rows["said_band"][said] = after[said]

    def describe(i: int) -> Change:
        rose = after[i] > before[i]
        code = Code.SPEND_BAND_ROSE if rose else Code.SPEND_BAND_FELL
        crossed = bounds[after[i] - 1] if rose else bounds[before[i] - 1] * policy.spend_exit_factor
        reason = Reason(code, "spend-band@1", float(crossed), round(float(recent[i]), 2))
        old, new = BANDS[before[i]], BANDS[after[i]]
        return Change("spend.band", "add" if before[i] == 0 else "replace", old, new, reason)

    return Detection(said, held, describe)


def _hours(wave: Wave, policy: Policy) -> Detection:
    rows = wave.rows
    parts = rows["hours"].astype(np.int64).reshape(len(rows), 4, 6).sum(axis=2) / 32767.0
    at = np.arange(len(rows))
    best = parts.argmax(axis=1)
    before = rows["said_part"].astype(np.int64)
    stays = (before > 0) & (parts[at, before - 1] >= policy.hours_exit_share)
    enters = (parts[at, best] >= policy.hours_enter_share) & (rows["hours_mass"] >= policy.hours_least_mass)
    after = np.where(enters, best + 1, np.where(stays, before, 0))
    said, held = _due(wave, HOURS_PATH, policy.hours_interval_s, after != before)
    rows["said_part"][said] = after[said]

    def describe(i: int) -> Change:
        found = after[i] > 0
        code = Code.ACTIVE_HOURS_FOUND if found else Code.ACTIVE_HOURS_LOST
        threshold = policy.hours_enter_share if found else policy.hours_exit_share
        observed = parts[i, after[i] - 1] if found else parts[i, before[i] - 1]
        old, new = _part_name(int(before[i])), _part_name(int(after[i]))
        op = "replace" if old and new else "add" if new else "remove"
        return Change("hours", op, old, new, Reason(code, "part-of-day@1", threshold, round(float(observed), 4)))

    return Detection(said, held, describe)


def _part_name(part: int) -> str | None:
    return PARTS_OF_DAY[part - 1] if part else None


def _cluster(wave: Wave, policy: Policy, model: AdoptedModel) -> Detection:
    rows = wave.rows
    before = rows["cluster"].copy()
    after, margin = assign_clusters(rows, model)
    enough = rows["mass"][:, 2] >= policy.cluster_least_mass
    moved = (before < 0) | (margin >= policy.cluster_margin)
    said, held = _due(wave, CLUSTER_PATH, policy.cluster_interval_s, enough & moved & (after != before))
    rows["cluster"][said] = after[said]

    def describe(i: int) -> Change:
        first = before[i] < 0
        code = Code.CLUSTER_ASSIGNED if first else Code.CLUSTER_CHANGED
        reason = Reason(code, f"nearest-centre@{model.version}", policy.cluster_margin, round(float(margin[i]), 4))
        old = None if first else int(before[i])
        return Change("cluster", "add" if first else "replace", old, int(after[i]), reason)

    return Detection(said, held, describe)


def assign_clusters(rows: Rows, model: AdoptedModel) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The nearest cluster's id (n,) and by which share its centre is nearer than the second one's (n,)."""
    index, margin = nearest(long_direction(rows, model.centres.shape[1]), model.centres)
    return model.ids[index], margin
