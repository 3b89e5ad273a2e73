"""Price sensitivity: prices of what somebody looks at and buys against their category's level, and what they save."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.decayed_mean import decayed_mean_update
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.partition_stats.price_levels import Table, is_priced, price_z
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LONG, Row

PURCHASE = int(Action.PURCHASE)


@compiled
def update_prices(
    row: Row, event: Row, rules: Rules, levels: Table, state_decay: Factors, event_decay: Factors
) -> None:
    """Take a price into the mean z, by what the action says about interest; and a purchase into paid and saved."""
    row.price_mass *= state_decay[LONG]
    row.paid *= state_decay[LONG]
    row.saved *= state_decay[LONG]
    if not is_priced(event):
        return
    z, known = price_z(levels, event)
    if known:
        weight = rules.action_weights[event.action] * event_decay[LONG]
        row.price, row.price_mass = decayed_mean_update(row.price, row.price_mass, z, weight)
    if event.action == PURCHASE:
        row.paid += event.amount * event_decay[LONG]
        row.saved += max(event.saved, 0) * event_decay[LONG]


@compiled
def saved_share(paid: float, saved: float) -> float:
    """The share of the list prices that was saved; 0 where nothing was bought.

    >>> saved_share(75.0, 25.0), saved_share(0.0, 0.0)
    (0.25, 0.0)
    """
    return saved / (paid + saved) if paid + saved > 0.0 else 0.0
