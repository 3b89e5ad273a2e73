"""The bodies of requests that write, for the description of the interface: the inputs of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Parameter, RequestBody, Schema

from liveprofile.streams.contract.inputs import INPUTS

MOST_EVENTS = 100
"""Of one request."""
_KEY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    schema=Schema(type="string", min_length=1, max_length=255, pattern="^[!-~]+$"),  # type: ignore[arg-type]  # by name
    description="A repetition with the same key and body gets the same answer, and is not carried out again.",
    required=False,
)


def _schema(kind: str, *, tagged: bool) -> dict[str, Any]:
    """The JSON Schema of an input, with everything in it; `tagged`: with the field that names it."""
    schema, components = msgspec.json.schema_components([INPUTS[kind]], ref_template="#/$defs/{name}")
    named = components.pop(schema[0]["$ref"].rpartition("/")[2])
    inner: dict[str, Any] = _inlined(named, components)
    if tagged:
        inner["properties"] = {"topic": {"const": kind}} | inner["properties"]
        inner["required"] = ["topic", *inner.get("required", ())]
    return inner


def _inlined(value: Any, components: Mapping[str, Any]) -> Any:
    """A schema without references."""
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(components[value["$ref"].rpartition("/")[2]], components)
        return {name: _inlined(one, components) for name, one in value.items()}
    return [_inlined(one, components) for one in value] if isinstance(value, list) else value


def _body(one: dict[str, Any], example: Any) -> RequestBody:
    """One event or a list of them, or lines."""
    either = {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_EVENTS}]}
    json = OpenAPIMediaType(schema=either, examples={"one": Example(value=example)})  # type: ignore[arg-type]  # a schema as msgspec prints it
    lines = OpenAPIMediaType(schema={"type": "string"})  # type: ignore[arg-type]
    return RequestBody(content={"application/json": json, "application/x-ndjson": lines}, required=True)


_ANY = {"oneOf": [_schema(kind, tagged=True) for kind in INPUTS]}
_CLICK = {"topic": "clicks", "user_id": "u-1042", "item_id": "i-7", "action": "cart", "price": 19.9}
_DECLARED = {"user_id": "u-1042", "attributes": {"language": "de"}}
_JUDGED = {"user_id": "u-1042", "about": "tag", "name": "pans", "verdict": "refused"}


@dataclass
class EventsOperation(Operation):
    """Writes events of any input."""

    def __post_init__(self) -> None:
        """Describe the body."""
        describe(self, _body(_ANY, _CLICK))


@dataclass
class DeclarationsOperation(Operation):
    """Writes declarations."""

    def __post_init__(self) -> None:
        """Describe the body."""
        describe(self, _body(_schema("declarations", tagged=False), _DECLARED))


@dataclass
class FeedbackOperation(Operation):
    """Writes feedback."""

    def __post_init__(self) -> None:
        """Describe the body."""
        describe(self, _body(_schema("feedback", tagged=False), _JUDGED))


def describe(operation: Operation, body: RequestBody) -> None:
    """Describe the body of a request, and that it may have an Idempotency-Key."""
    operation.request_body = body
    operation.parameters = [*(operation.parameters or ()), _KEY]
