"""Offers and tags that a shopper accepted or refused."""

from typing import Any

import msgspec

from liveprofile.profiles.numeric.aliases import Columns, Row
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.vocabulary import LONG as LONG_SCALE
from liveprofile.profiles.traits.trait import LONG, Feature, Field, Moment, Part, Trait

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)
ACCEPTED, REFUSED = 0, 1
"""Places in a row's `offers`."""


class Offers(msgspec.Struct, frozen=True, gc=False):
    """Offers and tags answered, decayed with the long half-life."""

    accepted: float
    refused: float


@compiled
def update_offers(row: Row, event: Row, moment: Moment) -> None:
    """Count accepted and refused offers and tags, decayed with the long half-life."""
    row.offers[ACCEPTED] *= moment.state_decay[LONG_SCALE]
    row.offers[REFUSED] *= moment.state_decay[LONG_SCALE]
    if event.action == ACCEPT:
        row.offers[ACCEPTED] += moment.event_decay[LONG_SCALE]
    elif event.action == REFUSE:
        row.offers[REFUSED] += moment.event_decay[LONG_SCALE]


@compiled
def accepted(row: Row) -> float:
    """Offers and tags accepted, decayed."""
    return row.offers[ACCEPTED]  # type: ignore[no-any-return]  # a field of the row


@compiled
def refused(row: Row) -> float:
    """Offers and tags refused, decayed."""
    return row.offers[REFUSED]  # type: ignore[no-any-return]  # a field of the row


def offers_shown(columns: Columns, policy: Any) -> list[Offers | None]:
    """The answers as a snapshot shows them."""
    answers = rounded(columns.rows["offers"], 2).tolist()
    return [Offers(accepted, refused) if accepted or refused else None for accepted, refused in answers]


OFFERS = Trait(
    name="offers",
    meaning="Offers and tags answered.",
    state=(Field("offers", "<f4", "decayed counts of offers and tags accepted, refused", (2,)),),
    update=update_offers,
    features=(
        Feature("offers.accepted", LONG, "times", "Offers and tags accepted.", read=accepted),
        Feature("offers.refused", LONG, "times", "Offers and tags refused.", read=refused),
    ),
    part=Part("offers", Offers, offers_shown),
)
