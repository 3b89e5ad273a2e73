"""Habits that voters compare with: pace, pages that nobody read, failed payments, devices, networks and countries."""

from typing import Any

import numpy.typing as npt

from profiles.activity import Action
from profiles.compiled import compiled
from profiles.exact import log2
from profiles.moment import Factors, epoch_s
from profiles.policy import Rules
from profiles.row import Row

FAILED = int(Action.FAILED)
WISHES = tuple(int(action) for action in (Action.CART, Action.FAVOURITE, Action.SHARE, Action.SEARCH, Action.PURCHASE))
PACE_STEP = 0.1
"""Weight of one gap in the pace."""


@compiled
def update_habits(row: Row, event: Row, pause_ms: int, rules: Rules, keep: Factors, fresh: Factors) -> None:
    """Take the activity into what voters compare with."""
    row.failed *= keep[0]
    row.pages *= keep[0]
    now = epoch_s(event.event_time_ms)
    _remember(row.device, row.device_s, event.device, now)
    _remember(row.network, row.network_s, event.network, now)
    _remember(row.country, row.country_s, event.country, now)
    if event.line > 0:
        return
    if event.action == FAILED:
        row.failed += fresh[0]
    elif event.action in WISHES:
        row.pages = max(row.pages - 5.0 * fresh[0], 0.0)
    elif event.dwell_ms == 0:
        row.pages += fresh[0]
    if row.events > 0 and 0 <= pause_ms <= rules.session_gap_s * 1000:
        _learn_pace(row, log2(max(float(pause_ms), 1.0)))


@compiled
def _learn_pace(row: Row, gap: float) -> None:
    """Weighted mean and mean deviation of log2(ms between hits)."""
    if row.pace[0] == 0.0:
        row.pace[0], row.pace[1] = gap, 1.0
        return
    off = gap - row.pace[0]
    row.pace[0] += PACE_STEP * off
    row.pace[1] += PACE_STEP * (abs(off) - row.pace[1])


@compiled
def _remember(known: npt.NDArray[Any], seen_s: npt.NDArray[Any], one: int, now: int) -> None:
    """Note when one was last seen; a new one takes the place of the one seen longest ago."""
    if one == 0:
        return
    oldest = 0
    for at in range(len(known)):
        if known[at] == one:
            seen_s[at] = max(seen_s[at], now)
            return
        if seen_s[at] < seen_s[oldest]:
            oldest = at
    known[oldest], seen_s[oldest] = one, now
