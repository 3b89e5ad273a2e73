"""The pace of hits: how regularly they follow each other, and how many pages were opened and not looked at.

People dwell, wish and search, and their gaps spread over octaves; a program's do not.
"""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LOCATION, SESSION, SPREAD, Row

WISHES = tuple(map(int, (Action.CART, Action.FAVOURITE, Action.SHARE, Action.SEARCH, Action.PURCHASE)))
PAGES_OF_A_WISH = 5.0
"""Pages that one wish makes up for."""
STEP = 0.1
"""Weight of one gap: the pace is that of about the last ten hits."""


@compiled
def update_pace(row: Row, event: Row, pause_ms: int, rules: Rules, state_decay: Factors, event_decay: Factors) -> None:
    """Count a page without dwell, and learn the gap before this hit, unless it begins a session or is late."""
    row.pages *= state_decay[SESSION]
    if event.line > 0:
        return
    if event.action in WISHES:
        row.pages = max(row.pages - PAGES_OF_A_WISH * event_decay[SESSION], 0.0)
    elif event.dwell_ms == 0:
        row.pages += event_decay[SESSION]
    if row.events > 0 and 0 <= pause_ms <= rules.session_gap_s * 1000:
        _learn_gap(row, log2(max(float(pause_ms), 1.0)))


@compiled
def _learn_gap(row: Row, gap: float) -> None:
    """Weighted mean and mean deviation of log2(ms)."""
    if row.pace[LOCATION] == 0.0:
        row.pace[LOCATION], row.pace[SPREAD] = gap, 1.0
        return
    off = gap - row.pace[LOCATION]
    row.pace[LOCATION] += STEP * off
    row.pace[SPREAD] += STEP * (abs(off) - row.pace[SPREAD])
