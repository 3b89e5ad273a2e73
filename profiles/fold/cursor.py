"""The cursor of a partition: the offset up to which everything is applied, and the state of the partition as a whole.

It is written after all profiles of a checkpoint are durable and before their input is acknowledged. Offsets up to
`applied_through` are not folded again; above it, the `applied` of each profile decides, so an incomplete checkpoint
does no harm. `sources` holds the last position folded per input partition; a duplicate from ingest is at or below it.

The cursor names the row layout of the program that wrote it. A program with another layout records the offset from
which profiles have its own layout. From that offset on, a fold from the beginning gives the same bytes, as far as both
layouts have the same fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.anomalies.adopted import ANOMALY_MODEL, anomaly_model_of
from liveprofile.profiles.fold.adoption import read_adopted
from liveprofile.profiles.fold.log_clock import LogClock
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.order_values import Population
from liveprofile.profiles.predictions.adopted_models import (
    CLUSTERER,
    NO_MODEL,
    PREDICTOR,
    SENTIMENT,
    Adopted,
    AdoptedModel,
    AdoptedPredictor,
    AdoptedSentiment,
)
from liveprofile.profiles.predictions.cold_start import PRIORS, AdoptedPriors
from liveprofile.profiles.predictions.scorecard import NO_SCORECARDS
from liveprofile.profiles.records.activity import OFFSET_BITS
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.segments.rules import RULES, RuleSet, starter
from liveprofile.profiles.state.codec import ROWS
from liveprofile.profiles.traits.price_levels import PriceLevels

NO_SENTIMENT = np.zeros(0)
"""The sentiment model before the first adoption."""

CURSOR_KEY = b"\x00cursor"
NAME_PREFIX = b"\x00name/"
LAYOUT = 4
"""Layout of the record: 4 names the layout of rows. 3, which commit ae9fa68 wrote, is read as well."""
WITHOUT_FINGERPRINT = 3
MIGRATIONS = 16
"""Maximum number of layout changes kept."""

_OFFSET_MASK = np.uint64((1 << OFFSET_BITS) - 1)
_LINE_BITS = np.uint64(16)


class Migration(NamedTuple):
    """A change of the row layout, as kept in the cursor."""

    before: str
    after: str
    since: int
    """Offset of the first activity that was folded into rows of the layout `after`."""


@dataclass(slots=True)
class Cursor:
    """The state of a partition besides its profiles."""

    applied_through: int = -1
    sources: dict[int, int] = field(default_factory=dict)
    """Input partition (source code without offset) to the last place folded: offset, then line."""
    population: Population = field(default_factory=Population)
    price_levels: PriceLevels = field(default_factory=PriceLevels)
    adopted: dict[str, Adopted] = field(default_factory=dict)
    """The models in force, by kind."""
    time: LogClock = field(default_factory=LogClock)
    migrations: list[Migration] = field(default_factory=list)
    """Changes of the layout of rows, the last one at the end."""

    @property
    def model(self) -> AdoptedModel | None:
        """The clusterer in force."""
        found = self.adopted.get(CLUSTERER)
        return found if isinstance(found, AdoptedModel) else None

    @property
    def predictor(self) -> AdoptedPredictor | None:
        """The predictor in force."""
        found = self.adopted.get(PREDICTOR)
        return found if isinstance(found, AdoptedPredictor) else None

    @property
    def sentiment(self) -> AdoptedSentiment | None:
        """The sentiment model in force."""
        found = self.adopted.get(SENTIMENT)
        return found if isinstance(found, AdoptedSentiment) else None

    @property
    def priors(self) -> AdoptedPriors | None:
        """The cold-start priors in force."""
        found = self.adopted.get(PRIORS)
        return found if isinstance(found, AdoptedPriors) else None

    @property
    def rules(self) -> RuleSet:
        """The rules of lifecycle and segments in force."""
        found = self.adopted.get(RULES)
        return found if isinstance(found, RuleSet) else starter()

    def adopt(self, record: object, since_ms: int) -> None:
        """Put a model in force. ValueError where its record cannot be read: nothing changes then.

        New rules keep the numbers by which rows refer to segments.
        """
        what, model = read_adopted(record)
        self.adopted[what] = model.following(self.rules, since_ms) if isinstance(model, RuleSet) else model

    @property
    def context(self) -> FoldContext:
        """The part of this that compiled code reads."""
        model, population = self.model or NO_MODEL, self.population
        return FoldContext(
            population.location,
            population.spread,
            model.centres,
            model.ids,
            scorecards=self.predictor.scorecards if self.predictor else NO_SCORECARDS,
            anomaly_model=anomaly_model_of(self.adopted.get(ANOMALY_MODEL)),
            price_levels=self.price_levels.table,
            sentiment=self.sentiment.weights if self.sentiment else NO_SENTIMENT,
            compiled_rules=self.rules.compiled_rules,
        )

    def unseen(self, events: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        """Which events (n,) stand above the last place folded of their input partition; moves those places on."""
        lane = (events["source"] >> np.uint64(OFFSET_BITS)).astype(np.int64)
        place = ((events["source"] & _OFFSET_MASK) << _LINE_BITS | events["line"]).astype(np.int64)
        fresh = np.ones(len(events), dtype=bool)
        for one in np.unique(lane).tolist():
            at = np.flatnonzero(lane == one)
            reached = np.maximum.accumulate(np.concatenate(([self.sources.get(one, -1)], place[at])))
            fresh[at] = place[at] > reached[:-1]
            self.sources[one] = int(reached[-1])
        return fresh

    def encode(self) -> bytes:
        """The cursor as one JSON record."""
        return orjson.dumps(
            {
                "layout": LAYOUT,
                "applied_through": self.applied_through,
                "sources": {str(lane): place for lane, place in sorted(self.sources.items())},
                "population": self.population.to_state(),
                "price_levels": self.price_levels.to_state(),
                "adopted": [model.record for _, model in sorted(self.adopted.items())],
                "time": self.time.to_state(),
                "row_layout": ROWS.fingerprint,
                "migrations": [list(one) for one in self.migrations],
            }
        )

    @classmethod
    def decode(cls, value: bytes) -> "Cursor":
        """The cursor of `encode`, of any known layout. `UnknownLayoutError` for one of a newer program."""
        state = orjson.loads(value)
        return cls(
            migrations=_migrations(state),
            applied_through=state["applied_through"],
            sources={int(lane): place for lane, place in state["sources"].items()},
            population=Population.from_state(state["population"]),
            price_levels=PriceLevels.from_state(state["price_levels"]),
            adopted=dict(map(read_adopted, state["adopted"])),
            time=LogClock.from_state(state["time"]),
        )


def row_layout_of(state: Mapping[str, Any]) -> str:
    """The fingerprint of the rows' layout that a cursor's program had. `UnknownLayoutError` for a newer program."""
    number = state.get("layout")
    if number == WITHOUT_FINGERPRINT:
        return ROWS.layouts[0].fingerprint
    fingerprint = str(state.get("row_layout"))
    if number != LAYOUT or fingerprint not in ROWS:
        raise UnknownLayoutError("a cursor", f"number {number}, rows {fingerprint}", f"{LAYOUT}, {ROWS.fingerprint}")
    return fingerprint


def _migrations(state: Mapping[str, Any]) -> list[Migration]:
    """The migrations in the cursor, and one more if its program had another row layout."""
    before = row_layout_of(state)
    known = [Migration(*one) for one in state.get("migrations", ())]
    if before != ROWS.fingerprint:
        known.append(Migration(before, ROWS.fingerprint, state["applied_through"] + 1))
    return known[-MIGRATIONS:]
