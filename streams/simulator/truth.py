"""The truth about ordinary shoppers: what they like, how each visit ended, and when they left for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveprofile.streams.simulator.personas import Shopper, interest_weights


@dataclass(slots=True)
class Visit:
    """One ordinary session. Times are event times in epoch milliseconds."""

    session_id: str
    """As the records of the session carry it."""
    first_ms: int
    """When the shopper came in; the first event follows within a minute or so."""
    last_ms: int | None = None
    """Its last event; None while it is under way."""
    purchase: bool = False
    """Whether it ended in an order that was paid."""


@dataclass(slots=True)
class Truth:
    """What is true of one shopper, as far as the course has come."""

    name: str
    """The user_id or anonymous_id that the records carry."""
    persona: str
    price_focus: str
    """bargains, value, quality or luxury."""
    temper: float
    """How kindly the shopper reviews, 0 to 1."""
    interests: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    """From when on (epoch milliseconds) which categories have which odds of being what a visit is about; they add up to
    1, and a new entry is made when they change."""
    visits: list[Visit] = field(default_factory=list)
    churned_ms: int | None = None
    """The last event before the shopper left for good; None for one who will come again."""

    def interests_at(self, time_ms: int) -> Mapping[str, float]:
        """The odds that were in force at a time; empty before the first visit."""
        return next((odds for since_ms, odds in reversed(self.interests) if since_ms <= time_ms), {})


class TruthBook:
    """Notes the truth as a course goes on."""

    def __init__(self) -> None:
        self.shoppers: dict[str, Truth] = {}

    def come(self, shopper: Shopper, session_id: str, time_ms: int) -> None:
        """A visit begins."""
        truth = self.shoppers.get(shopper.name)
        if truth is None:
            truth = Truth(shopper.name, shopper.persona.name, shopper.price_focus, shopper.temper)
            self.shoppers[shopper.name] = truth
        odds = interest_weights(shopper.interests)
        if not truth.interests or truth.interests[-1][1] != odds:
            truth.interests.append((time_ms, odds))
        truth.visits.append(Visit(session_id, time_ms))

    def leave(self, shopper: Shopper, time_ms: int, *, purchase: bool, for_good: bool) -> None:
        """The shopper's latest visit has ended."""
        truth = self.shoppers[shopper.name]
        truth.visits[-1].last_ms, truth.visits[-1].purchase = time_ms, purchase
        truth.churned_ms = time_ms if for_good else None
