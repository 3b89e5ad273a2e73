"""Input records become activities without Kafka: what the stage ingest does, for a fold inside another program."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import VECTOR_ONE, source_code
from liveprofile.streams.contract.refusals import Refusal, RefusedError
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.private_ids import with_private_ids
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms
from liveprofile.streams.stages.ingest.validate import validate

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Unit vectors (n, dims) of n texts."""


class ActivityEncoder:
    """Validates input records, pseudonymises shoppers, and writes activities, as the stage ingest does.

    >>> encoder = ActivityEncoder(b"a key for this example")
    >>> keys, values = encoder.encode("searches", b'{"user_id": "u-1", "query": "red vase"}', offset=0)
    >>> len(keys), len(keys[0])
    (1, 32)
    >>> encoder.encode("searches", b'{"user_id": "u-1", "query": ""}', offset=1)
    Traceback (most recent call last):
    liveprofile.streams.contract.refusals.RefusedError: A search came without a query that has a visible character.
    """

    def __init__(
        self, key: bytes, policy: Policy | None = None, *, embed: Embed | None = None, currency: str = "EUR"
    ) -> None:
        """`key` is the secret of pseudonyms, 16 bytes or more: another key gives every shopper another profile.

        `embed` gives unit vectors (n, policy.dims) of n texts; without it vectors are zero, and interests come from the
        categories of items alone. Amounts in another currency than `currency` are taken as unknown. ValueError for a
        key that is too short.
        """
        self._dims = (policy or Policy()).dims
        self._pseudonyms = Pseudonyms(PseudonymKey(key), partitions=1)
        self._encoder = Encoder(self._dims, currency)
        self._embed = embed

    def encode(
        self, topic: str, value: bytes, *, offset: int, now_ms: int | None = None
    ) -> tuple[list[bytes], list[bytes]]:
        """Profile ids and activities of one record: one activity, or one a line of an order.

        `topic` is clicks, searches, purchases, reviews, feedback or declarations; `value` is the record as JSON, see
        docs/schemas. `offset` is the record's place among those of its topic: evidence names it, and a record with an
        offset not above the last one is taken for a repeat. `now_ms`, epoch milliseconds, is the time of a record that
        has none; the clock's if not given. A record that says nothing about a shopper's acts, such as an impression of
        User Behavior Insights, gives no activity. Raises `RefusedError` for a record that is not valid.
        """
        event = validate(topic, value)
        if isinstance(event, Refusal):
            raise RefusedError(event.reason, event.words)
        if isinstance(event, PassedOver):
            return [], []
        event = with_private_ids(event, self._pseudonyms)
        profile_id, _ = self._pseudonyms.of(event.shopper)
        time_ms = event.time_ms or now_ms or time.time_ns() // 1_000_000
        device, network = self._pseudonyms.device(event.device), self._pseudonyms.network(event.network)
        vectors = [(vector, None) for vector in self._vectors([line.text for line in event.lines])]
        source = source_code(topic, 0, offset)
        values = self._encoder.encode(event, vectors, source, time_ms, 0, device, network)
        return [profile_id] * len(values), values

    def _vectors(self, texts: Sequence[str]) -> list[bytes]:
        """The vectors as activities have them: int16, zero for an empty text. ValueError for another shape."""
        if self._embed is None or not any(texts):
            return [bytes(2 * self._dims)] * len(texts)
        found = np.asarray(self._embed([text for text in texts if text]))
        wanted = (sum(map(bool, texts)), self._dims)
        if found.shape != wanted:
            raise ValueError(f"embed gave vectors of shape {found.shape}, expected {wanted}: a row of policy.dims each")
        rows = iter(np.rint(found * VECTOR_ONE).astype("<i2"))
        return [next(rows).tobytes() if text else bytes(2 * self._dims) for text in texts]
