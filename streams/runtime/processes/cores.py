"""How many cores this process may use, by its affinity and by the quota of its cgroup, and so how many workers."""

from __future__ import annotations

import os
from pathlib import Path

from liveprofile.streams.errors import UserError

AUTO = "auto"
MOST = 256
_CGROUPS = Path("/sys/fs/cgroup")


def cores_available(cgroups: Path = _CGROUPS) -> int:
    """Whole cores, at least one: those of the affinity, or fewer where a container's quota allows less."""
    affinity = getattr(os, "sched_getaffinity", None)
    allowed = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = _quota(cgroups)
    return max(1, allowed if quota is None else min(allowed, int(quota)))


def _quota(cgroups: Path) -> float | None:
    """Cores by the quota of version 2 of cgroups, or of version 1; None without one."""
    try:
        limit, period = (cgroups / "cpu.max").read_text().split()
        return None if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError):
        pass
    try:
        limit_us = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text())
        period_us = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return None
    return limit_us / period_us if limit_us > 0 and period_us > 0 else None


def process_count(asked: str, partitions: int, cores: int) -> int:
    """The number of processes for `--processes`: `auto` is one a core, and no more than partitions.

    UserError for another word, or a number below 1 or above 256.

    >>> process_count("auto", partitions=4, cores=16), process_count("3", partitions=4, cores=16)
    (4, 3)
    """
    if asked.strip().lower() == AUTO:
        return max(1, min(cores, partitions))
    try:
        count = int(asked)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST:
        raise UserError(
            f"--processes {asked} is neither {AUTO} nor a number from 1 to {MOST}.",
            f"Give --processes {AUTO} for one process a core.",
        )
    return count
