"""Visits: the time in which any session of a shopper is open; it ends with a pause of all of them."""

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def begins_visit(row: Row, pause_ms: int, rules: Rules) -> bool:
    """Whether an activity that is in the row by now began a visit: it is the first, or none was open before it."""
    return bool(row.events <= 1 or pause_ms > rules.session_gap_s * 1000)
