"""Several interests per shopper: slots, each with a centre, a weight and a representative item."""

from profiles.compiled import compiled
from profiles.moment import Factors
from profiles.policy import Rules
from profiles.row import Row


@compiled
def update_slots(row: Row, event: Row, weight: float, rules: Rules, keep: Factors, fresh: Factors) -> None:
    """Take the activity's embedding into the nearest slot, or open one."""
