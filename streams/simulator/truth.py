"""The truth about ordinary shoppers: interests, results of visits, and times of churn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveprofile.streams.simulator.personas import Shopper, interest_weights


@dataclass(slots=True)
class Visit:
    """One ordinary session. Times are event times in epoch milliseconds."""

    session_id: str
    """As in the records of the session."""
    first_ms: int
    """Begin of the visit; the first event follows within about a minute."""
    last_ms: int | None = None
    """Its last event; None while it continues."""
    purchase: bool = False
    """Whether it ended in a paid order."""


@dataclass(slots=True)
class Truth:
    """The truth about one shopper so far."""

    name: str
    """The user_id or anonymous_id in the records."""
    persona: str
    price_focus: str
    """bargains, value, quality or luxury."""
    temper: float
    """How positive the shopper's reviews are, 0 to 1."""
    interests: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    """Start time (epoch milliseconds) and probability of each category for a visit; they add up to 1. A new entry is
    added when they change."""
    visits: list[Visit] = field(default_factory=list)
    churned_ms: int | None = None
    """The last event before the shopper left for good; None for a shopper who will return."""

    def interests_at(self, time_ms: int) -> Mapping[str, float]:
        """The probabilities at a time; empty before the first visit."""
        return next((odds for since_ms, odds in reversed(self.interests) if since_ms <= time_ms), {})


class TruthBook:
    """Collects the truth during a simulation."""

    def __init__(self) -> None:
        self.shoppers: dict[str, Truth] = {}

    def come(self, shopper: Shopper, session_id: str, time_ms: int) -> None:
        """Note the begin of a visit."""
        truth = self.shoppers.get(shopper.name)
        if truth is None:
            truth = Truth(shopper.name, shopper.persona.name, shopper.price_focus, shopper.temper)
            self.shoppers[shopper.name] = truth
        odds = interest_weights(shopper.interests)
        if not truth.interests or truth.interests[-1][1] != odds:
            truth.interests.append((time_ms, odds))
        truth.visits.append(Visit(session_id, time_ms))

    def leave(self, shopper: Shopper, time_ms: int, *, purchase: bool, for_good: bool) -> None:
        """Note the end of the shopper's latest visit."""
        truth = self.shoppers[shopper.name]
        truth.visits[-1].last_ms, truth.visits[-1].purchase = time_ms, purchase
        truth.churned_ms = time_ms if for_good else None
