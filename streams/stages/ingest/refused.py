"""Dead letters of ingest: keyed by the pseudonym of the shopper, if the record names one, with a keyed digest."""

from collections.abc import Mapping
from typing import Any

from liveprofile.streams.contract.dead_letters import dead_letter
from liveprofile.streams.contract.inputs import Click
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Refusal, RefusedError
from liveprofile.streams.contract.structure import read
from liveprofile.streams.stages.ingest.fields import shopper_of, without_placeholders
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms

_USER = ("user_id", "userId", "customer_id", "customerId")
_ANONYMOUS = ("anonymous_id", "anonymousId", "client_id", "clientId")
"""Fields that name the shopper, the contract's first: a wrong name is the most frequent mistake of a sender."""
_DIGEST_HEX_CHARS = 16
_NAMESPACE = b"dead letter:"


class RefusedRecords:
    """Makes the dead letters of one worker; the same record always gives the same letter."""

    def __init__(
        self, key: PseudonymKey, pseudonyms: Pseudonyms, placeholders: Placeholders, *, raw: bool = False
    ) -> None:
        """`raw` adds what was sent to the letters, with all that it says of people.

        `placeholders` count what names nobody here, so they are others than those of accepted records.
        """
        self._key, self._pseudonyms, self._placeholders, self._raw = key, pseudonyms, placeholders, raw

    def letter(
        self,
        refusal: Refusal,
        topic: str,
        partition: int,
        offset: int,
        timestamp_ms: int | None,
        value: bytes | None,
    ) -> tuple[bytes | None, bytes, list[tuple[str, bytes]]]:
        """Key, value and headers of a dead letter."""
        content = read(value or b"")
        digest = self._key.digest(_NAMESPACE + (value or b"")).hex()[:_DIGEST_HEX_CHARS]
        return dead_letter(
            *(refusal, topic, partition, offset, timestamp_ms, value),
            content=content,
            profile_id=self._profile_id(content),
            digest=digest,
            raw=self._raw,
        )

    def _profile_id(self, content: Any) -> bytes | None:
        """The profile id of the shopper whom the record names; None if it names nobody."""
        if not isinstance(content, Mapping):
            return None
        named = Click(user_id=_first(content, _USER), anonymous_id=_first(content, _ANONYMOUS))
        without_placeholders(named, self._placeholders)
        try:
            shopper = shopper_of(named)
        except RefusedError:
            return None
        return self._pseudonyms.of(shopper)[0]


def _first(content: Mapping[str, Any], names: tuple[str, ...]) -> str | int | None:
    """The value of the first field that could be an id."""
    for name in names:
        value = content.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return value
    return None
