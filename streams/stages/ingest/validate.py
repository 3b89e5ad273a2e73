"""Validates one input record: the result is a checked, clean event or a refusal."""

import msgspec

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.inputs import (
    DECODERS,
    MAX_RECORD_BYTES,
    Click,
    Feedback,
    Input,
    Purchase,
    Review,
    Search,
)
from liveprofile.streams.contract.refusals import Reason, Refusal, RefusedError
from liveprofile.streams.stages.ingest.declarations import declaration_lines
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.feedback import feedback_act
from liveprofile.streams.stages.ingest.fields import dwell, identifier, product_line, saving, shopper_of
from liveprofile.streams.stages.ingest.money import currency_code, to_minor
from liveprofile.streams.stages.ingest.orders import failed_payment, order_id_of, order_of
from liveprofile.streams.stages.ingest.origin import origin_of
from liveprofile.streams.stages.ingest.queries import search_line
from liveprofile.streams.stages.ingest.reviews import review_line
from liveprofile.streams.stages.ingest.times import event_time_ms
from liveprofile.streams.stages.ingest.ubi import MARKER, read_ubi

ACTIONS = {
    "view": Action.VIEW,
    "click": Action.CLICK,
    "cart": Action.CART,
    "uncart": Action.UNCART,
    "favourite": Action.FAVOURITE,
    "favorite": Action.FAVOURITE,
    "share": Action.SHARE,
    "dismiss": Action.DISMISS,
}
"""The actions of clicks."""
KINDS = {"purchase": Action.PURCHASE, "refund": Action.REFUND, "failed": Action.FAILED}
"""The kinds of purchases."""
_PRICED = (Click, Purchase, Review)


def validate(topic: str, value: bytes | None) -> ValidatedEvent | Refusal:
    """Validate the value of one record of an input topic. Never raises, whatever the bytes are.

    >>> validate("searches", b'{"anonymous_id": 7, "query": " Red  VASE "}').lines[0].text
    'red vase'
    >>> validate("searches", b'{"user_id": "u1", "query": ""}').reason
    <Reason.NO_TEXT: 'no-text'>
    """
    try:
        return _accept(_decode(topic, value))
    except RefusedError as refused:
        return refused.refusal


def _decode(topic: str, value: bytes | None) -> Input:
    if not value:
        raise RefusedError(Reason.EMPTY_VALUE)
    if len(value) > MAX_RECORD_BYTES:
        raise RefusedError(
            Reason.TOO_LARGE, f"The record has {len(value):,} bytes; the largest accepted has {MAX_RECORD_BYTES:,}."
        )
    decoder = DECODERS.get(topic)
    if decoder is None:
        raise RefusedError(Reason.UNKNOWN_TOPIC)
    try:
        return (read_ubi(value) if MARKER in value else None) or decoder.decode(value)
    except RefusedError:
        raise
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _undecodable(error) from None


def _undecodable(error: Exception) -> RefusedError:
    """The refusal for a decoder's error. Its messages name types and paths, never a value."""
    if isinstance(error, UnicodeDecodeError):
        return RefusedError(Reason.NOT_UTF8)
    if isinstance(error, RecursionError):
        return RefusedError(Reason.TOO_DEEP)
    if not isinstance(error, msgspec.ValidationError):
        return RefusedError(Reason.MALFORMED_JSON, f"The text is not JSON: {error}.")
    if "out of range" in str(error):
        return RefusedError(Reason.OUT_OF_RANGE, f"{error}.")
    return RefusedError(Reason.WRONG_TYPE if "at `$" in str(error) else Reason.NOT_AN_OBJECT, f"{error}.")


def _accept(event: Input) -> ValidatedEvent:
    if isinstance(event, Click):
        return _valid(event, _action(event.action), (_click_line(event),))
    if isinstance(event, Search):
        return _valid(event, Action.SEARCH, (search_line(event),))
    if isinstance(event, Purchase):
        return _order(event)
    if isinstance(event, Review):
        return _valid(event, Action.REVIEW, (review_line(event),))
    if isinstance(event, Feedback):
        action, line = feedback_act(event)
        return _valid(event, action, (line,))
    return _valid(event, Action.DECLARE, declaration_lines(event))


def _order(event: Purchase) -> ValidatedEvent:
    kind = _kind(event.kind)
    lines, total = order_of(event)
    if kind is Action.FAILED:
        return _valid(event, kind, (failed_payment(total),), total)
    return _valid(event, kind, lines, total, order_id_of(event))


def _valid(
    event: Input, action: Action, lines: tuple[Line, ...], order_total: int = 0, order_id: str = ""
) -> ValidatedEvent:
    return ValidatedEvent(
        shopper_of(event),
        identifier(event.event_id, "event_id"),
        identifier(event.session_id, "session_id"),
        None if event.ts is None else event_time_ms(event.ts),
        action,
        lines,
        order_total,
        currency_code(event.currency) if isinstance(event, _PRICED) else "",
        *origin_of(event.device, event.ip, event.locale),
        order_id=order_id,
    )


def _action(raw: str | None) -> Action:
    action = ACTIONS.get(raw.strip().lower()) if raw else Action.VIEW
    if action is None:
        raise RefusedError(Reason.UNKNOWN_ACTION, f"action must be one of {', '.join(ACTIONS)}.")
    return action


def _kind(raw: str | None) -> Action:
    kind = KINDS.get(raw.strip().lower()) if raw else Action.PURCHASE
    if kind is None:
        raise RefusedError(Reason.UNKNOWN_KIND, f"kind must be one of {', '.join(KINDS)}.")
    return kind


def _click_line(event: Click) -> Line:
    amount = to_minor(event.price, "price")
    saved = saving(event.list_price, event.price, 1.0)
    return product_line(event, amount, dwell_ms=dwell(event.dwell_ms), saved=saved, price=amount)
