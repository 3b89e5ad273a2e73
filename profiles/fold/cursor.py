"""The cursor of a partition: the offset up to which everything is applied, and the state of the partition as a whole.

It is written after all profiles of a checkpoint are durable and before their input is acknowledged. Offsets up to
`applied_through` are not folded again; above it, the `applied` of each profile decides, so an incomplete checkpoint
does no harm. `sources` holds the last position folded per input partition; a duplicate from ingest is at or below it.

The record is JSON, so that a program of another layout can tell; what is large is in parts of its own, see
`cursor_parts`. With every checkpoint only the positions are written that have changed.

The cursor names the row layout of the program that wrote it. A program with another layout records the offset from
which profiles have its own layout. From that offset on, a fold from the beginning gives the same bytes, as far as both
layouts have the same fields.
"""

import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.anomalies.adopted import ANOMALY_MODEL, anomaly_model_of
from liveprofile.profiles.fold.adoption import read_adopted
from liveprofile.profiles.fold.cursor_layout import LAYOUT, lanes_of, migrations_of
from liveprofile.profiles.fold.cursor_layout import Migration as Migration
from liveprofile.profiles.fold.cursor_layout import applied_through_of as applied_through_of
from liveprofile.profiles.fold.cursor_layout import generation_of as generation_of
from liveprofile.profiles.fold.cursor_layout import row_layout_of as row_layout_of
from liveprofile.profiles.fold.cursor_parts import Part, pack_lanes, unpack_lanes, write_part
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
from liveprofile.profiles.segments.rules import RULES, RuleSet, starter
from liveprofile.profiles.state.codec import ROWS
from liveprofile.profiles.traits.price_levels import PriceLevels

NO_SENTIMENT = np.zeros(0)
"""The sentiment model before the first adoption."""

CURSOR_KEY = b"\x00cursor"
NAME_PREFIX = b"\x00name/"
LANES, ADOPTED = "lanes", "adopted"
"""Names of the parts."""
MOST_CHANGED = 256
"""Positions that a cursor holds beside its part; with more, an eighth of all."""
INLINE_BYTES = 1024
"""Adopted models up to this size are in the cursor itself; such is the generation of the state, which others read."""
NO_RECORDS: Mapping[bytes, bytes] = {}
NO_PARTS: Mapping[str, Part] = {}
NO_MODELS: Mapping[str, Adopted] = {}

_OFFSET_MASK = np.uint64((1 << OFFSET_BITS) - 1)
_LINE_BITS = np.uint64(16)


class Written(NamedTuple):
    """What the parts on the topic hold, so that the next cursor names only what has changed."""

    parts: Mapping[str, Part] = NO_PARTS
    models: Mapping[str, Adopted] = NO_MODELS

    def has(self, models: Mapping[str, Adopted]) -> bool:
        """Whether the part holds these very models."""
        return models.keys() == self.models.keys() and all(models[what] is self.models[what] for what in models)

    def with_models(self, part: Part, models: Mapping[str, Adopted]) -> "Written":
        """With another part of models."""
        return Written({**self.parts, ADOPTED: part}, models)

    def with_lanes(self, part: Part) -> "Written":
        """With another part of positions."""
        return Written({**self.parts, LANES: part}, self.models)


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
    written: Written = field(default_factory=Written, repr=False, compare=False)
    moved: set[int] = field(default_factory=set, repr=False, compare=False)
    """Input partitions whose positions the part does not hold, if there is one."""

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

    def context(self, utc_offsets: npt.NDArray[np.int64]) -> FoldContext:
        """What compiled code reads: the part of this, and the offsets of the policy's time zone (n, 2)."""
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
            utc_offsets=utc_offsets,
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
            self.reach(one, int(reached[-1]))
        return fresh

    def goes_on(self, lanes: Sequence[tuple[int, int, int]]) -> bool:
        """Whether all input partitions go on above their places; if so, moves these on.

        Each has the first and the last place folded now, between which places rise: `unseen` would say the same of all.
        """
        if any(first <= self.sources.get(lane, -1) for lane, first, _ in lanes):
            return False
        for lane, _, last in lanes:
            self.reach(lane, last)
        return True

    def reach(self, lane: int, place: int) -> None:
        """Have the input partition folded up to a place at least."""
        self.sources[lane] = max(place, self.sources.get(lane, -1))
        self.moved.add(lane)

    def encode(self) -> bytes:
        """The cursor as one record, which needs no parts: for stores without a limit of records."""
        return self._encode({}, self.sources, [self.adopted[what].record for what in sorted(self.adopted)])

    def records(self) -> list[tuple[bytes, bytes]]:
        """The records that make the cursor durable, in their order; the last one names the others and earlier parts.

        They must be written before the next call: it may overwrite what the cursor before the last one named.
        """
        records: list[tuple[bytes, bytes]] = []
        inline, large = self._by_size()
        if large and not self.written.has(large):
            part, records = write_part(
                ADOPTED, orjson.dumps([large[what].record for what in sorted(large)]), self._part(ADOPTED)
            )
            self.written = self.written.with_models(part, large)
        whole = LANES not in self.written.parts
        changed = dict(self.sources) if whole else {lane: self.sources[lane] for lane in self.moved}
        if len(changed) > max(MOST_CHANGED, len(self.sources) // 8):
            part, chunks = write_part(LANES, pack_lanes(self.sources), self._part(LANES))
            records += chunks
            self.written, self.moved, changed = self.written.with_lanes(part), set(), {}
        parts = {name: part for name, part in self.written.parts.items() if name != ADOPTED or large}
        return [*records, (CURSOR_KEY, self._encode(parts, changed, inline))]

    def _by_size(self) -> tuple[list[Any], dict[str, Adopted]]:
        """Records of the adopted models that the cursor itself holds, and the models that its part holds."""
        large = {what: model for what, model in self.adopted.items() if _is_large(model)}
        return [self.adopted[what].record for what in sorted(self.adopted.keys() - large.keys())], large

    def _part(self, name: str) -> Part | None:
        return self.written.parts.get(name)

    def _encode(self, parts: Mapping[str, Part], lanes: Mapping[int, int], adopted: list[Any]) -> bytes:
        return orjson.dumps(
            {
                "layout": LAYOUT,
                "applied_through": self.applied_through,
                "parts": {name: list(part) for name, part in sorted(parts.items())},
                "lanes": b64encode(zlib.compress(pack_lanes(lanes), 1)).decode(),
                "population": self.population.to_state(),
                "price_levels": self.price_levels.to_state(),
                "adopted": adopted,
                "time": self.time.to_state(),
                "row_layout": ROWS.fingerprint,
                "migrations": [list(one) for one in self.migrations],
            }
        )

    @classmethod
    def decode(cls, value: bytes, records: Mapping[bytes, bytes] = NO_RECORDS) -> "Cursor":
        """The cursor of a record of any known layout; `records` are those of the state topic, with its parts.

        `UnknownLayoutError` for one of a newer program; ValueError where a part is missing.
        """
        state = orjson.loads(value)
        migrations = migrations_of(state)
        written = Written({name: Part(*part) for name, part in state.get("parts", {}).items()})
        adopted = dict(map(read_adopted, state["adopted"]))
        if part := written.parts.get(ADOPTED):
            large = dict(map(read_adopted, orjson.loads(part.read(ADOPTED, records))))
            written, adopted = written.with_models(part, large), adopted | large
        sources: dict[int, int] = {}
        if part := written.parts.get(LANES):
            sources = unpack_lanes(part.read(LANES, records))
        moved = lanes_of(state)
        return cls(
            migrations=migrations,
            applied_through=state["applied_through"],
            sources=sources | moved,
            moved=set(moved),
            population=Population.from_state(state["population"]),
            price_levels=PriceLevels.from_state(state["price_levels"]),
            adopted=adopted,
            time=LogClock.from_state(state["time"]),
            written=written,
        )


def _is_large(model: Adopted) -> bool:
    return len(orjson.dumps(model.record)) > INLINE_BYTES
