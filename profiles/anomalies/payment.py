"""Payment detector: several failed payments in a row, as in card testing."""

from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def score_payment(row: Row) -> float:
    """log2(1 + decayed count of failed payments): 1 for one, 2 for three, 3 for seven at once."""
    return log2(1.0 + max(float(row.failed), 0.0))
