"""Simulated shoppers: identity, interests, hours of activity, and drift of interests."""

from dataclasses import dataclass
from itertools import pairwise
from random import Random

import orjson

from liveprofile.streams.simulator.catalogue import Catalogue, Product
from liveprofile.streams.simulator.shop_words import words_of

HOUR_MS = 3_600_000
_AWAKE = (1.0, 1.0, 0.5, 0.15, 0.03)
"""Probability of shopping by the distance in hours to the favourite hour."""
_ASLEEP = 0.003
_FAVOUR = 1.8
"""Exponent of the preference for stronger interests."""
_SECOND_EVERY = 4
_DEVICES = ("iphone-safari", "android-chrome", "windows-firefox", "mac-safari", "windows-chrome", "ipad-safari")


@dataclass(frozen=True, slots=True)
class Persona:
    """A way of shopping; values are probabilities per session unless noted."""

    name: str
    share: float
    """Share of all shoppers."""
    visits: float
    """Sessions, relative to the average shopper."""
    buys: float
    """Probability that a viewed product is put into the cart."""
    taste: tuple[float, float]
    """Range of the price rank on a shelf: 0 the cheapest, 1 the most expensive."""
    drift: float
    """Probability that a new interest replaces the weakest."""
    leave: float
    """Probability of a long absence afterwards."""


PERSONAS = (
    Persona("regular", 0.25, 1.8, 0.22, (0.3, 0.8), 0.04, 0.01),
    Persona("window shopper", 0.28, 1.0, 0.06, (0.2, 0.9), 0.08, 0.04),
    Persona("bargain hunter", 0.20, 1.2, 0.18, (0.0, 0.3), 0.06, 0.03),
    Persona("explorer", 0.15, 1.1, 0.12, (0.3, 0.9), 0.35, 0.03),
    Persona("fading", 0.12, 0.7, 0.08, (0.2, 0.8), 0.05, 0.30),
)


@dataclass(slots=True)
class Shopper:
    """One shopper with the state of the simulation."""

    identity: bytes
    """The JSON fields of the identity, with a trailing comma."""
    key: bytes
    name: str
    persona: Persona
    interests: list[str]
    """Categories, the strongest interest first."""
    taste: float
    activity: float
    """Sessions, relative to the average shopper."""
    peak_hour: int
    device: str
    ip: str
    locale: str
    second: tuple[str, str] | None
    """A second device and its address, which some shoppers use sometimes."""
    temper: float
    """How positive the shopper's reviews are, 0 to 1."""
    household: int
    """Number of people."""
    sessions: int = 0
    events: int = 0
    orders: int = 0
    last_order: tuple[str, Product] | None = None
    haunted: bool = False
    """Whether an anomaly is in progress, so that the shopper is not chosen for another one."""
    seasoned: bool = False
    """Whether there is a history of events."""
    buyer: bool = False
    """Whether there is a history of orders."""
    seen_ms: int = 0
    """When the last visit began, or ended."""
    left: bool = False
    """Whether the shopper has left for good."""

    def head(self, session_id: str) -> bytes:
        """The first fields of all records of a session on the usual device, serialised once per session."""
        return self.head_from(session_id, self.device, self.ip, self.locale)

    def head_of_visit(self, session_id: str) -> bytes:
        """The same for an ordinary visit, which is sometimes on the second device."""
        if self.second is None or self.sessions % _SECOND_EVERY:
            return self.head(session_id)
        return self.head_from(session_id, *self.second, self.locale)

    def head_from(self, session_id: str, device: str, ip: str, locale: str) -> bytes:
        """The same for a session on another device."""
        about = orjson.dumps({"session_id": session_id, "device": device, "ip": ip, "locale": locale})
        return self.identity + about[1:-1] + b","

    @property
    def price_focus(self) -> str:
        """The shopper's price focus: bargains, value, quality or luxury."""
        limits = {"bargains": 0.3, "value": 0.6, "quality": 0.8}
        return next((name for name, below in limits.items() if self.taste < below), "luxury")

    def interest(self, rng: Random) -> str:
        """A category of interest, the strongest most often."""
        return self.interests[int(len(self.interests) * rng.random() ** _FAVOUR)]

    def awake(self, time_ms: int, rng: Random) -> bool:
        """Whether the shopper shops at this hour of the day (UTC), at random."""
        distance = abs((time_ms // HOUR_MS - self.peak_hour + 12) % 24 - 12)
        return rng.random() < (_AWAKE[distance] if distance < len(_AWAKE) else _ASLEEP)

    def drift(self, catalogue: Catalogue, rng: Random) -> None:
        """At random, add a new strongest interest and drop the weakest."""
        if rng.random() < self.persona.drift:
            fresh = rng.choice(catalogue.categories)
            self.interests = [fresh, *(name for name in self.interests if name != fresh)][: len(self.interests)]


def interest_weights(interests: list[str]) -> dict[str, float]:
    """The probability of each interest in `Shopper.interest`.

    >>> {name: round(odds, 2) for name, odds in interest_weights(["vases", "chairs"]).items()}
    {'vases': 0.68, 'chairs': 0.32}
    """
    bounds = [(place / len(interests)) ** (1 / _FAVOUR) for place in range(len(interests) + 1)]
    return {name: high - low for name, (low, high) in zip(interests, pairwise(bounds), strict=True)}


def make_shopper(number: int, catalogue: Catalogue, rng: Random, *, guest: bool = False) -> Shopper:
    """Draw a shopper; a guest has only a cookie id."""
    persona = rng.choices(PERSONAS, weights=[one.share for one in PERSONAS])[0]
    name = f"guest-{number:06d}" if guest else f"u-{number:06d}"
    field_name = b"anonymous_id" if guest else b"user_id"
    return Shopper(
        identity=b'"%b":"%b",' % (field_name, name.encode()),
        key=name.encode(),
        name=name,
        persona=persona,
        interests=rng.sample(catalogue.categories, rng.choice((2, 3, 3, 4))),
        taste=rng.uniform(*persona.taste),
        activity=persona.visits * rng.lognormvariate(0.0, 0.8),
        peak_hour=rng.choice((7, 9, 12, 13, 17, 19, 20, 20, 21, 22)),
        device=_device(rng),
        ip=_address(rng),
        locale=rng.choice(words_of(catalogue.language).locales),
        second=(_device(rng), _address(rng)) if rng.random() < 0.4 else None,
        temper=rng.betavariate(4.0, 1.8),
        household=rng.choice((1, 1, 2, 2, 2, 3, 4, 5)),
    )


def _device(rng: Random) -> str:
    return f"{rng.choice(_DEVICES)}-{rng.randrange(0x10000):04x}"


def _address(rng: Random) -> str:
    return f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
