"""Refuses records of other systems, and records whose event is of another topic; each refusal says what to do."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from liveprofile.streams.contract.event_names import NAMING, SPEAKING, Said, said_by
from liveprofile.streams.contract.foreign_systems import system_of
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.refusals import Reason, RefusedError

MARKS = (
    *NAMING,
    "client_id",
    "action_name",
    "user_query",
    "event_attributes",
    "userId",
    "anonymousId",
    "messageId",
    "distinct_id",
    "user_pseudo_id",
    "domain_userid",
    "specversion",
    "payload",
    "properties",
    "line_items",
    "records",
)
"""Fields that make a record worth a second look, although it may have all that its input needs."""
_ACT = {"clicks": ("action", "view"), "purchases": ("kind", "purchase")}
"""By topic: the field of the act, and the act without it."""
_FAVOURITE = {"favorite": "favourite"}


def refuse_foreign(topic: str, fields: Mapping[str, Any], *, has_own: bool) -> None:
    """RefusedError if the fields are those of another system's record."""
    system = system_of([*fields, *_inner(fields)], has_own=has_own)
    if system is not None:
        raise RefusedError(Reason.FOREIGN_RECORD, f"The record looks like {system.name}. {system.advice}")


def _inner(fields: Mapping[str, Any]) -> list[str]:
    """Names of the fields within `payload`: a changed row is often wrapped once more."""
    payload = _value(fields.get("payload"))
    return [str(name) for name in payload] if isinstance(payload, dict) else []


def check_names(topic: str, fields: Mapping[str, Any]) -> None:
    """RefusedError if the record names an event of another topic, or another act than its fields say."""
    for naming in NAMING:
        name = _value(fields.get(naming))
        if not isinstance(name, str) or not name.strip():
            continue
        said = said_by(name)
        if said is not None:
            _check(topic, naming, said, fields)
        elif naming in SPEAKING and topic == "clicks" and not _act(topic, fields):
            raise RefusedError(
                Reason.UNKNOWN_ACTION,
                f"{naming} names an event that is not known, and there is no action: send one, such as action: view.",
            )


def _check(topic: str, naming: str, said: Said, fields: Mapping[str, Any]) -> None:
    if not said.topic:
        if naming == "type" and _act(topic, fields):
            return
        raise RefusedError(Reason.WRONG_TOPIC, f"{naming} names an event that no input takes; leave such events out.")
    if said.topic != topic:
        raise RefusedError(
            Reason.WRONG_TOPIC, f"{naming} says {said.act}: send such an event to {said.topic}, not to {topic}."
        )
    field, default = _ACT.get(topic, ("", said.act))
    act = _act(topic, fields)
    if not act and said.act != default:
        raise RefusedError(
            Reason.WRONG_TOPIC, f"{naming} says {said.act}, and {field} is missing: send {field}: {said.act}."
        )


def _act(topic: str, fields: Mapping[str, Any]) -> str:
    """The act that the record's own field names, in lower case; empty if there is none."""
    act = _value(fields.get(_ACT[topic][0])) if topic in _ACT else None
    return act.strip().lower() if isinstance(act, str) else ""


def refuse_bare(topic: str) -> RefusedError:
    """The refusal of a record with none of its input's own fields."""
    own = [name for name in INPUTS[topic].__struct_fields__ if name in _SHOWN]
    return RefusedError(Reason.NO_OWN_FIELDS, f"The record has none of the fields of {topic}: {', '.join(own)}.")


_SHOWN = frozenset(["action", "item_id", "title", "category", "brand", "price", "list_price", "dwell_ms"])


def _value(raw: Any) -> Any:
    """A field's value, whether it is decoded already or not."""
    return msgspec.json.decode(raw) if isinstance(raw, Raw) else raw
