"""`python -m profiles.compile`: compile the fold ahead, so that the first worker starts in a second."""

import os
import shutil
from pathlib import Path

import numpy as np

from profiles.activity import LAYOUT, Action, Kind, control_record, encode, head_dtype
from profiles.cards import NO_CARDS
from profiles.compiled import FOLDERS, cache_folder
from profiles.fold import Fold
from profiles.model import AdoptedPredictor
from profiles.outlook import chances
from profiles.policy import Policy
from profiles.snapshot import interests_at

A_YEAR_MS = 365 * 86_400_000
"""By then timers of the purchase have fired."""
KEPT = 8
"""States of the sources whose compiled code is kept, 40 MB each: checkouts and branches take turns."""


def compile_fold(policy: Policy) -> None:
    """Take one purchase, let a year pass, and restore from a checkpoint: all compiled code is on the way."""
    head = np.zeros((), dtype=head_dtype(policy.dims))
    head["layout"], head["dims"], head["action"], head["order_total"] = LAYOUT, policy.dims, Action.PURCHASE, 100
    fold = Fold(policy)
    tick = control_record(Kind.TICK, A_YEAR_MS, policy.dims)
    fold.apply([b"u", b"\x00tick"], [encode(head), tick], [0, 1])
    Fold(policy).restore(fold.checkpoint()[0])
    interests_at(fold.table.row(b"u"), 1, policy)
    chances(fold.table.rows[:1], AdoptedPredictor("none", NO_CARDS, {}), policy)


def remove_stale(current: Path, kept: int = KEPT) -> None:
    """Remove what was compiled from other states of the sources, but for those that were used last."""
    current.mkdir(parents=True, exist_ok=True)
    os.utime(current)
    others = [folder for folder in current.parent.glob(f"{FOLDERS}*") if folder != current]
    for folder in sorted(others, key=_last_use, reverse=True)[kept - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _last_use(folder: Path) -> tuple[bool, float]:
    """For sorting: folders that were only looked into have no code, and come before all others."""
    return any(folder.rglob("*.nbc")), folder.stat().st_mtime


if __name__ == "__main__":
    remove_stale(cache_folder())
    compile_fold(Policy())
