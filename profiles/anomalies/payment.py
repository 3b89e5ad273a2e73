"""Payment: one payment after the other that does not go through, as when stolen cards are tried."""

from profiles.compiled import compiled
from profiles.exact import log2
from profiles.row import Row


@compiled
def vote_payment(row: Row) -> float:
    """log2(1 + decayed count of failed payments): 1 for one, 2 for three, 3 for seven at once."""
    return log2(1.0 + max(float(row.failed), 0.0))
