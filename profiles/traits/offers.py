"""Offers and tags that somebody accepted or refused."""

from liveprofile.profiles.kernel.decay import Factors
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import Row

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)


@compiled
def update_offers(row: Row, event: Row, keep: Factors, fresh: Factors) -> None:
    """Count what was accepted and what refused, decayed with the long half-life."""
    row.offers[0] *= keep[2]
    row.offers[1] *= keep[2]
    if event.action == ACCEPT:
        row.offers[0] += fresh[2]
    elif event.action == REFUSE:
        row.offers[1] += fresh[2]
