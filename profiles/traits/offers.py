"""Offers and tags that somebody accepted or refused."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import Row

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)


@compiled
def update_offers(row: Row, event: Row, state_decay: Factors, event_decay: Factors) -> None:
    """Count what was accepted and what refused, decayed with the long half-life."""
    row.offers[0] *= state_decay[2]
    row.offers[1] *= state_decay[2]
    if event.action == ACCEPT:
        row.offers[0] += event_decay[2]
    elif event.action == REFUSE:
        row.offers[1] += event_decay[2]
