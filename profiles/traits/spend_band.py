"""The spend band: recent spend decays with time, so the moment at which it falls into a lower band is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveprofile.profiles.numeric.aliases import Row, Rules
from liveprofile.profiles.numeric.exact import log2, remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.sections import Section, by_name, setting
from liveprofile.profiles.records.vocabulary import SPEND_BANDS
from liveprofile.profiles.traits.trait import LONG, STATIC, Feature, Field, Ladder, Trait, Why

LONG_HALF_LIFE = 2
"""Place of the half-life of spend."""
NEVER = 1 << 62
SECOND_MS = 1000


@dataclass(frozen=True)
class SpendSettings(Section):
    """When a spend band is published."""

    bounds: Mapping[str, float] = by_name(
        SPEND_BANDS[1:],
        {"low": 0.01, "middle": 50.0, "high": 250.0, "top": 1000.0},
        "Lower bound of a spend band; decayed major units.",
    )
    exit_factor: float = setting(0.8, "A band is left downwards below its bound times this.")
    interval_s: float = setting(60.0, "Minimum time between two changes of the spend band, seconds.")
    prior_orders: float = setting(3.0, "Weight of the population's median and spread for a new shopper, in orders.")


@compiled
def recent_at(row: Row, time_ms: int, rules: Rules) -> float:
    """Recent spend at a moment not before the newest activity, major units."""
    return float(row.spend_recent / 100.0 * remaining(time_ms - row.seen_ms, rules.decay_half_life_s[LONG_HALF_LIFE]))


@compiled
def next_fall_ms(row: Row, after_ms: int, published_s: int, rules: Rules) -> int:
    """Time at which the published band is left downwards by time alone, at the earliest after its interval; or `NEVER`.

    Spend v falls below c after h log2(v / c); the millisecond is then searched among its neighbours. `published_s` is
    when the band was last published, 0 for never. The lowest band is never left.
    """
    if row.published_spend_band == 0:
        return NEVER
    bound = rules.spend_bounds[int(row.published_spend_band) - 1] * rules.spend_exit_factor
    if bound <= 0.0:
        return NEVER
    may_ms = after_ms + 1
    if published_s != 0:
        may_ms = max(may_ms, int((published_s + rules.spend_interval_s) * SECOND_MS))
    if recent_at(row, may_ms, rules) < bound:
        return int(may_ms)
    half_life_ms = rules.decay_half_life_s[LONG_HALF_LIFE] * SECOND_MS
    guess = int(row.seen_ms) + int(half_life_ms * log2(row.spend_recent / 100.0 / bound))
    margin = 2 + int(half_life_ms * 4e-9)
    low, high = max(may_ms, guess - margin), max(may_ms, guess + margin) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if recent_at(row, middle, rules) < bound:
            high = middle
        else:
            low = middle
    return int(high)


@compiled
def recent_spend(row: Row) -> float:
    """Recent spend as of the newest activity, major units."""
    return float(row.spend_recent / 100.0)


_COMPARED = "recent spend {observed:money}, threshold {threshold:money}."
"""How messages end."""

SPEND_BAND = Trait(
    name="spend_band",
    path="spend.band",
    meaning="Recent spend as a band: none, low, middle, high, top.",
    state=(
        Field("spend_recent", "<f4", "decayed, minor units; see `fold.spend`"),
        Field("published_spend_band", "u1", "as last published"),
    ),
    published="published_spend_band",
    settings="spend",
    value=recent_at,
    timed=True,
    bands=Ladder(SPEND_BANDS[1:], lowest=SPEND_BANDS[0]),
    rule="spend-band@1",
    reasons=(
        Why(
            "SPEND_BAND_ROSE",
            when="rose",
            meaning="Recent spend crossed a band's lower bound upwards.",
            template="Spend band rose from {before} to {after}: " + _COMPARED,
            sample=("low", "middle", 61.5, 50.0),
        ),
        Why(
            "SPEND_BAND_FELL",
            when="fell",
            meaning="Recent spend decayed, or was refunded, well below the band's lower bound.",
            template="Spend band fell from {before} to {after}: " + _COMPARED,
            sample=("middle", "low", 39.2, 40.0),
        ),
    ),
    digits=2,
    features=(
        Feature("spend.recent", LONG, "major units", "Spend.", read=recent_spend),
        Feature(
            "spend.band",
            STATIC,
            "name",
            "The published band of recent spend.",
            values=SPEND_BANDS,
            read="published_spend_band",
        ),
    ),
)
