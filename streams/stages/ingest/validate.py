"""Validates one input record: the result is a checked, clean event or a refusal."""

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.inputs import Click, Feedback, Input, Purchase, Review, Search
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Reason, Refusal, RefusedError
from liveprofile.streams.stages.ingest.declarations import declaration_lines
from liveprofile.streams.stages.ingest.decode import OWN, decode, explained
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.feedback import ON_ANOMALY, feedback_act, is_on_anomaly
from liveprofile.streams.stages.ingest.fields import (
    dwell,
    identifier,
    product_line,
    saving,
    shopper_of,
    without_placeholders,
)
from liveprofile.streams.stages.ingest.foreign_records import refuse_bare
from liveprofile.streams.stages.ingest.money import currency_code, to_minor
from liveprofile.streams.stages.ingest.orders import failed_payment, order_id_of, order_of, shorten
from liveprofile.streams.stages.ingest.origin import origin_of
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.queries import search_line
from liveprofile.streams.stages.ingest.reviews import review_line
from liveprofile.streams.stages.ingest.times import event_time_ms
from liveprofile.streams.stages.ingest.words_by_language import ENGLISH

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
PLACEHOLDERS = Placeholders()
"""The placeholders that ship, where nobody reads the counts."""
Verdict = ValidatedEvent | PassedOver | Refusal
"""An accepted event, a record that says nothing about a shopper's acts, or a refusal."""


def validate(
    topic: str, value: bytes | None, placeholders: Placeholders = PLACEHOLDERS, language: str = ENGLISH
) -> Verdict:
    """Validate the value of one record of an input topic. Never raises, whatever the bytes are.

    `placeholders` tells what stands for nothing, and counts it. Queries and reviews are judged by the
    words of the shop's `language`.

    >>> validate("searches", b'{"anonymous_id": 7, "query": " Red  VASE "}').lines[0].text
    'red vase'
    >>> validate("searches", b'{"user_id": "u1", "query": ""}').reason
    <Reason.NO_TEXT: 'no-text'>
    """
    try:
        event = decode(topic, value)
        if isinstance(event, PassedOver):
            return event
        return PassedOver(ON_ANOMALY) if is_on_anomaly(event) else _accept(event, placeholders, language)
    except RefusedError as refused:
        return explained(topic, value or b"", refused).refusal


def _accept(event: Input, placeholders: Placeholders, language: str) -> ValidatedEvent:
    bare = isinstance(event, Click) and event.title is None and _is_bare(event)
    if isinstance(event, Purchase):
        shorten(event)
    without_placeholders(event, placeholders)
    if isinstance(event, Click):
        return _click(event, bare)
    if isinstance(event, Search):
        return _valid(event, Action.SEARCH, (search_line(event, language),))
    if isinstance(event, Purchase):
        return _order(event)
    if isinstance(event, Review):
        return _valid(event, Action.REVIEW, (review_line(event, language),))
    if isinstance(event, Feedback):
        action, line = feedback_act(event)
        return _valid(event, action, (line,))
    return _valid(event, Action.DECLARE, declaration_lines(event))


def _is_bare(event: Click) -> bool:
    return all(getattr(event, name) is None for name in OWN["clicks"])


def _click(event: Click, bare: bool) -> ValidatedEvent:
    """A click. One with nothing but a shopper is none: it would be a view by default."""
    valid = _valid(event, _action(event.action), (_click_line(event),))
    if bare:
        raise refuse_bare("clicks")
    return valid


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
        None if event.ts is None or (isinstance(event.ts, str) and not event.ts.strip()) else event_time_ms(event.ts),
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
