"""Facts in a shop's language: the fold writes English, and words are written anew before a record is encoded."""

from collections.abc import Callable
from typing import Any

import msgspec

from liveprofile.profiles.facts.facts import AnomalyChanged, Fact, ProfileChanged
from liveprofile.streams.language.anomaly_messages import anomaly_texts
from liveprofile.streams.language.change_messages import change_message
from liveprofile.streams.language.change_templates import reason
from liveprofile.streams.language.words_of import ENGLISH

AnyFact = Fact[ProfileChanged] | Fact[AnomalyChanged]
_ENCODER = msgspec.json.Encoder()


def payloads_in(language: str) -> Callable[[AnyFact], bytes]:
    """The function that encodes facts in a language: the same bytes for the same fact.

    English facts are encoded as they are. KeyError for a language without messages at the first fact.
    """
    if language == ENGLISH:
        return lambda fact: fact.payload
    return lambda fact: _ENCODER.encode(translated(msgspec.to_builtins(fact.record), language))


def translated(record: dict[str, Any], language: str) -> dict[str, Any]:
    """A record of changes or of an anomaly, with its words in a language; the record's own where they are not known."""
    if isinstance(changes := record.get("changes"), list):
        return record | {"changes": [_change(one, language) if isinstance(one, dict) else one for one in changes]}
    reading, message = anomaly_texts(record, language)
    return record | {"reading": reading, "message": message} if message else record


def _change(change: dict[str, Any], language: str) -> dict[str, Any]:
    message = change_message(change, language)
    if not message:
        return change
    if language != ENGLISH and isinstance(after := change.get("after"), dict) and "because" in after:
        because = [one | {"words": reason(one["input"], one["effect"], language)} for one in after["because"]]
        change = change | {"after": after | {"because": because}}
    return change | {"message": message}
