"""The engine without Liveprofile's runtime: what every peer calls, so that only what carries it differs.

`Ingest` does to a record what the stage ingest does, by the same functions, with vectors from the warm text cache.
`Keeper` is a `Fold` whose profiles come from a peer's state and go back there.

Three points are to the peers' advantage. A profile that is in memory is not read from their state again. They keep no
names of topics and brands, no cursor, no snapshots for consumers and no timers: Liveprofile's worker writes all of
these. And the fold's own protection, which drops an event whose id is among the shopper's recent ones, works for them.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.shop import Shop, shop_on
from liveprofile.models.manifest import Manifest
from liveprofile.models.text_cache import TextCache
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import source_code
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.inputs import input_kind
from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.runtime.collector import spare_the_collector
from liveprofile.streams.stages.ingest.embedding import Embedded
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.private_ids import with_private_ids
from liveprofile.streams.stages.ingest.pseudonym import Pseudonyms
from liveprofile.streams.stages.ingest.validate import validate
from liveprofile.streams.stages.wiring import Wiring

Activity = tuple[bytes, bytes]
"""A profile id and an activity record."""
Headers = list[tuple[str, bytes]]
Published = tuple[bytes, bytes, Headers]
"""A fact as a Kafka record: key, value, headers."""


@dataclass(frozen=True)
class Place:
    """Where a peer runs, from the environment that `benchmarks.peers` starts it with."""

    shop: Shop
    activity: str
    facts: str
    folder: str
    """For state on disk."""

    @classmethod
    def from_environment(cls) -> "Place":
        """The place; spares the collector on the way, as a worker of Liveprofile does."""
        spare_the_collector()
        shop = shop_on(
            os.environ["PEER_BOOTSTRAP"],
            os.environ["PEER_FOLDER"],
            os.environ["PEER_APP_ID"],
            int(os.environ["PEER_PARTITIONS"]),
        )
        name = os.environ["PEER_NAME"]
        return cls(shop, f"{name}-activity", f"{name}-facts", f"{shop.settings.data_dir}/{name}")


class Ingest:
    """Validates, scrubs, pseudonymises and encodes one record after the other."""

    def __init__(self, shop: Shop) -> None:
        settings = shop.settings
        key = Wiring(settings, shop.bootstrap).key()
        self._dims = settings.profile.policy.dims
        self._pseudonyms = Pseudonyms(key, shop.topics.partitions)
        self._encoder = Encoder(self._dims, settings.currency)
        self._kinds = {topic: input_kind(topic) for topic in shop.topics.inputs}
        self._cache = TextCache(
            settings.data_path / "cache" / "texts.sqlite",
            Manifest.load(settings.model_path).model_id,
            settings.ingest.cache_entries,
            key=key.digest(b"text cache:"),
        )
        self._known: dict[str, Embedded] = {"": (bytes(2 * self._dims), None)}

    def activities(self, topic: str, partition: int, offset: int, value: bytes, arrival_ms: int) -> list[Activity]:
        """The activities of a record, each with its profile id; none for one that is refused."""
        kind = self._kinds[topic]
        verdict = validate(kind, value)
        if isinstance(verdict, Refusal | PassedOver):
            return []
        profile_id, _ = self._pseudonyms.of(verdict.shopper)
        event = with_private_ids(verdict, self._pseudonyms)
        device, network = self._pseudonyms.device(event.device), self._pseudonyms.network(event.network)
        vectors = [self._known.get(line.text) or self._look_up(line.text) for line in event.lines]
        time_ms = min(event.time_ms or arrival_ms, arrival_ms)
        source = source_code(kind, partition, offset)
        return [(profile_id, one) for one in self._encoder.encode(event, vectors, source, time_ms, 0, device, network)]

    def _look_up(self, text: str) -> Embedded:
        """A vector from the cache, remembered. KeyError for a text that was not warmed."""
        value, size = self._cache.get_many([text])[text], 2 * self._dims
        found = self._known[text] = value[:size], value[size:].decode() or None
        return found


class Keeper:
    """A fold for the profiles of one partition, or of one process."""

    def __init__(self, shop: Shop, partition: int) -> None:
        policy = shop.settings.profile.policy
        self._fold = Fold(policy, Manifest.load(shop.settings.model_path).model_id, partition)
        self._dims = policy.dims
        self._events = CloudEvents("peer", lambda: time.time_ns() // 1_000_000)
        self._present: set[bytes] = set()
        self._encoded: dict[bytes, bytes] = {}
        self._next = 0

    def has(self, profile_id: bytes) -> bool:
        """Whether the profile is in memory."""
        return profile_id in self._present

    def restore(self, profile_id: bytes, stored: bytes | None) -> None:
        """Take a profile from a peer's state into memory."""
        self._present.add(profile_id)
        if stored is not None:
            self._fold.restore([(profile_id, stored)])
            self._next = max(self._next, int(decode_rows([stored], self._dims)["applied"][0]) + 1)

    def apply(self, keys: Sequence[bytes], values: Sequence[bytes], offsets: Sequence[int]) -> list[Published]:
        """Fold activities of profiles in memory; returns the facts."""
        result = self._fold.apply(keys, values, offsets)
        facts: list[Any] = [self._events.changed(fact) for fact in result.changes]
        facts += [self._events.anomaly(fact) for fact in result.anomalies]
        return facts

    def apply_next(self, key: bytes, values: Sequence[bytes]) -> list[Published]:
        """The same for a peer without a log of activities: places are counted, above all that were restored.

        Profiles then take turns out of the order of the input, so the fold may not know a repeat by its place there.
        """
        self._fold.cursor.sources.clear()
        first, self._next = self._next, self._next + len(values)
        return self.apply([key] * len(values), values, range(first, self._next))

    def states(self) -> dict[bytes, bytes]:
        """The profiles that were changed since the last call, encoded."""
        return {key: value for key, value in self._fold.take_touched() if value and not key.startswith(b"\x00")}

    def state(self, profile_id: bytes) -> bytes:
        """One profile, encoded: all that were changed are encoded together when the first of them is asked for."""
        self._encoded |= self.states()
        return self._encoded[profile_id]


def keepers(shop: Shop) -> Callable[[int], Keeper]:
    """The keeper of each partition, made when it is first asked for."""
    made: dict[int, Keeper] = {}

    def keeper(partition: int) -> Keeper:
        if partition not in made:
            made[partition] = Keeper(shop, partition)
        return made[partition]

    return keeper
