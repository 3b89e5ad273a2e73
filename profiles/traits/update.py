"""Takes an activity into every trait of its profile."""

from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row
from liveprofile.profiles.traits.counts import NEXT_SESSION, place_in_sessions
from liveprofile.profiles.traits.offers import update_offers
from liveprofile.profiles.traits.origins import update_origins
from liveprofile.profiles.traits.pace import update_pace
from liveprofile.profiles.traits.payments import update_payments
from liveprofile.profiles.traits.prices import update_prices
from liveprofile.profiles.traits.queries import update_queries
from liveprofile.profiles.traits.reviews import update_reviews
from liveprofile.profiles.traits.rhythm import update_orders, update_visits


@compiled
def update_traits(
    row: Row, event: Row, pause_ms: int, rules: Rules, context: FoldContext, state_decay: Factors, event_decay: Factors
) -> None:
    """Take the activity into every trait; before the session's own counts, which still tell the session before it."""
    begins = place_in_sessions(row, event, pause_ms, rules) == NEXT_SESSION
    update_visits(row, begins, pause_ms, rules)
    update_orders(row, event)
    update_pace(row, event, pause_ms, rules, state_decay, event_decay)
    update_payments(row, event, state_decay, event_decay)
    update_origins(row, event, pause_ms, begins)
    update_prices(row, event, rules, context.price_levels, state_decay, event_decay)
    update_queries(row, event, state_decay, event_decay)
    update_reviews(row, event, context.sentiment, state_decay, event_decay)
    update_offers(row, event, state_decay, event_decay)
    if row.entry == 0:
        row.entry = event.category
