"""The messages of records: the record's own, and a simple sentence for records of versions that wrote none."""

from collections.abc import Mapping, Sequence
from typing import Any

from liveprofile.profiles.facts.wording import listed

_WIDE_COLON = "\uff1a"
"""The colon of Chinese texts, with no space behind it."""


def change_sentences(record: Mapping[str, Any]) -> list[str]:
    """The message of each change of a version.

    >>> change_sentences({"changes": [{"path": "cluster", "before": 3, "after": 7}]})
    ['cluster changed from 3 to 7.']
    """
    changes = record.get("changes")
    return [_message(change) for change in changes if isinstance(change, Mapping)] if isinstance(changes, list) else []


def anomaly_sentence(record: Mapping[str, Any]) -> str:
    """The message of a step of an anomaly.

    >>> anomaly_sentence({"kind": "velocity", "state": "raised", "reading": "31 events in a minute"})
    'Anomaly velocity: raised, 31 events in a minute.'
    """
    if message := record.get("message"):
        return str(message)
    known = [str(record[name]) for name in ("state", "reading") if record.get(name)]
    return f"Anomaly {record.get('kind', '?')}: {', '.join(known) or 'no state'}."


def split_message(message: str) -> tuple[str, str]:
    """What changed, with its colon, and why: a message is shown in two styles.

    >>> split_message("Interest in pans left long-term interests: 8% of it.")
    ('Interest in pans left long-term interests:', '8% of it.')
    """
    what, colon, why = message.partition(": ")
    if colon:
        return f"{what}:", why
    what, colon, why = message.partition(_WIDE_COLON)
    return (what + colon, why) if colon else (message, "")


def _message(change: Mapping[str, Any]) -> str:
    before, after = _value(change.get("before")), _value(change.get("after"))
    return str(change.get("message") or f"{change.get('path', '?')} changed from {before} to {after}.")


def _value(value: Any) -> str:
    """Any value in a sentence."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed([str(one) for one in value])
    return "none" if value is None else str(value)
