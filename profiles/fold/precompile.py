"""Compiles the fold ahead of the first worker: `python -m liveprofile.profiles.fold.precompile`."""

import os
import shutil
from pathlib import Path

import numpy as np

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.jit import FOLDERS, cache_folder
from liveprofile.profiles.output.snapshot import interests_at
from liveprofile.profiles.predictions.adopted_models import AdoptedPredictor
from liveprofile.profiles.predictions.forecast import probabilities
from liveprofile.profiles.predictions.scorecard import NO_SCORECARDS
from liveprofile.profiles.records.activity import LAYOUT, Action, Kind, control_record, encode, head_dtype

A_YEAR_MS = 365 * 86_400_000
"""Time after which the timers of the purchase have fired."""
KEPT = 8
"""Number of source states with compiled code kept, 40 MB each: checkouts and branches alternate."""


def compile_fold(policy: Policy) -> None:
    """Apply two purchases, let a year pass, and restore from a checkpoint: this calls all compiled code."""
    head = np.zeros((), dtype=head_dtype(policy.dims))
    head["layout"], head["dims"], head["action"], head["order_total"] = LAYOUT, policy.dims, Action.PURCHASE, 100
    head["order"], head["lines"] = 1, 1
    nameless = head.copy()
    nameless["order"], nameless["source"] = 0, 1
    fold = Fold(policy)
    tick = control_record(Kind.TICK, A_YEAR_MS, policy.dims)
    fold.apply([b"u", b"u", b"\x00tick"], [encode(head), encode(nameless), tick], [0, 1, 2])
    Fold(policy).restore(fold.checkpoint()[0])
    interests_at(fold.table.row(b"u"), 1, policy)
    probabilities(fold.table.rows[:1], AdoptedPredictor("none", NO_SCORECARDS, {}), policy)


def remove_stale(current: Path, kept: int = KEPT) -> None:
    """Remove compiled code of other source states, except for those used last."""
    current.mkdir(parents=True, exist_ok=True)
    os.utime(current)
    others = [folder for folder in current.parent.glob(f"{FOLDERS}*") if folder != current]
    for folder in sorted(others, key=_last_use, reverse=True)[kept - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _last_use(folder: Path) -> tuple[bool, float]:
    """Time of last use, for sorting; a folder without code comes before all others."""
    return any(folder.rglob("*.nbc")), folder.stat().st_mtime


if __name__ == "__main__":
    remove_stale(cache_folder())
    compile_fold(Policy())
