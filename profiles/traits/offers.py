"""Offers and tags that somebody accepted or refused."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LONG, Row

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)
ACCEPTED, REFUSED = 0, 1
"""Places in a row's `offers`."""


@compiled
def update_offers(row: Row, event: Row, state_decay: Factors, event_decay: Factors) -> None:
    """Count what was accepted and what refused, decayed with the long half-life."""
    row.offers[ACCEPTED] *= state_decay[LONG]
    row.offers[REFUSED] *= state_decay[LONG]
    if event.action == ACCEPT:
        row.offers[ACCEPTED] += event_decay[LONG]
    elif event.action == REFUSE:
        row.offers[REFUSED] += event_decay[LONG]
