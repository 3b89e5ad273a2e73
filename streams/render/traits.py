"""Renders traits and declared attributes as a grid of short lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from liveprofile.streams.language.panel import Labels
from liveprofile.streams.logs import escape
from liveprofile.streams.render.amounts import orders_priced, unpriced
from liveprofile.streams.render.drawing import ago, bar, count, counted, money, sparkline
from liveprofile.streams.render.numbers import is_number

DAYS = "MTWTFSS"
_HOURS_A_DAY = 24
Line = tuple[str, Text]


def traits(snapshot: Mapping[str, Any], now: datetime, say: Labels) -> Table:
    """The inferred traits, a line for each one with a value."""
    found = _mapping(snapshot.get("traits"))
    return _grid(
        [
            *_value(found, _mapping(snapshot.get("spend")), say),
            *_habits(found, timezone_of(snapshot), now, say),
            *_tastes(found, say),
            *_quality(snapshot, say),
        ],
        say,
    )


def declared(stated: Sequence[Any], now: datetime, say: Labels) -> Table:
    """The declared attributes."""
    lines = []
    for one in filter(lambda one: isinstance(one, Mapping), stated):
        text = Text(escape(say.stated(str(one.get("value")))), "bold green")
        text.append(f"  {escape(say(str(one.get('how'))))} {say.ago(one.get('since'), now, ago)}", "dim")
        lines.append((say.attribute(str(one.get("name", "?"))), text))
    return _grid(lines, say)


def timezone_of(snapshot: Mapping[str, Any]) -> str:
    """The time zone of its hours and days."""
    return str(_mapping(snapshot.get("hours")).get("timezone") or "UTC")


def _value(found: Mapping[str, Any], spend: Mapping[str, Any], say: Labels) -> Iterator[Line]:
    """Value of the shopper: RFM, the usual order; beside each amount, whether it is of all orders."""
    currency = str(spend.get("currency") or "")
    if rfm := _mapping(found.get("rfm")):
        scores = "".join(str(rfm.get(f"{name}_score") or "?") for name in ("recency", "frequency", "monetary"))
        text = Text(scores, "bold yellow").append(f"  {counted(rfm.get('orders'), 'order')} and ")
        amount = f"{money(rfm['spend'])} {escape(currency)}" if is_number(rfm.get("spend")) else "an unknown amount"
        text.append(f"{amount} lately{', as far as amounts are known' if unpriced(spend) else ''}")
        yield "RFM", text.append(f", the last {_days(rfm.get('recency_days'))} before last seen", "dim")
    if is_number(found.get("average_order")):
        text = Text(f"{money(found['average_order'])} {escape(currency)}", "yellow")
        of = f"  of the {counted(orders_priced(spend), 'order')} with a known amount"
        yield "usual order", text.append(of if unpriced(spend) else "", "dim")
    if price := _mapping(found.get("price")):
        z = _number(price.get("z"))
        text = Text(escape(f"{say.value(price['band'])}  ") if price.get("band") else "", "bold yellow")
        where = "{spreads} spreads below their level" if z < 0 else "{spreads} spreads above their level"
        yield "prices", text.append(say(where, spreads=f"{abs(z):.1f}"), "dim")
    if discounts := _mapping(found.get("discounts")):
        share = _number(discounts.get("share"))
        text = Text(bar(share), "yellow").append(" " + say("{share} of list prices saved", share=f"{share:.0%}"))
        yield "discounts", text


def _habits(found: Mapping[str, Any], timezone: str, now: datetime, say: Labels) -> Iterator[Line]:
    """Times and frequency of visits."""
    if days := _mapping(found.get("days")):
        shares = [_number(share) for share in days.get("histogram") or []]
        text = Text(sparkline(shares), "blue").append(f" {say(DAYS)}", "dim")
        mostly = "  " + say("mostly {day}s", day=escape(say.value(days["mostly"]))) if days.get("mostly") else ""
        yield say("days, {zone}", zone=timezone), text.append(mostly, "blue")
    if rhythm := _mapping(found.get("rhythm")):
        text = Text(f"{counted(found.get('sessions'), 'session')}")
        if is_number(rhythm.get("visit_hours")):
            text.append(f", every {_gap(rhythm['visit_hours'])}")
        if is_number(rhythm.get("order_hours")):
            text.append(f"; orders every {_gap(rhythm['order_hours'])}")
        if rhythm.get("next_order"):
            text.append(f", the next {ago(rhythm['next_order'], now)}", "cyan")
        yield "rhythm", text


def _tastes(found: Mapping[str, Any], say: Labels) -> Iterator[Line]:
    """Traits from queries and reviews, and the entry topic."""
    if is_number(found.get("specificity")):
        text = Text(bar(found["specificity"]), "cyan").append(
            " " + say("{share} exact", share=f"{found['specificity']:.0%}")
        )
        yield "searches", text
    if sentiment := _mapping(found.get("sentiment")):
        text = Text(escape(f"{say.value(sentiment['band'])}  ") if sentiment.get("band") else "", "bold magenta")
        of = f"{_number(sentiment.get('mean')):+.1f} in {counted(sentiment.get('reviews'), 'review')}"
        yield "reviews", text.append(of, "dim")
    if offers := _mapping(found.get("offers")):
        yield "offers", Text(f"{count(offers.get('accepted'))} accepted, {count(offers.get('refused'))} refused")
    if found.get("entry"):
        yield "came in by", Text(escape(say.topic(found["entry"])))
    if _number(found.get("failed_payments")) > 0:
        yield "payments", Text(f"{count(found['failed_payments'])} failed lately", "red")


def _quality(snapshot: Mapping[str, Any], say: Labels) -> Iterator[Line]:
    """Quality of the profile."""
    quality = _mapping(snapshot.get("quality"))
    known = {name: quality.get(name) for name in ("completeness", "consistency", "confidence")}
    shown = [f"{say(name)} {value:.0%}" for name, value in known.items() if is_number(value)]
    if shown:
        yield "reliability", Text(", ".join(shown), "dim")


def _grid(lines: Sequence[Line], say: Labels) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(Text(escape(say(name)), "dim"), text)
    return table


def _gap(hours: float) -> str:
    """A gap in hours, or in days if it is long.

    >>> _gap(5.25), _gap(168.0)
    ('5.2 hours', '7 days')
    """
    return counted(round(hours, 1), "hour") if hours < 2 * _HOURS_A_DAY else _days(hours / _HOURS_A_DAY)


def _days(value: Any) -> str:
    return counted(round(_number(value), 1), "day")


def _number(value: Any) -> float:
    return float(value) if is_number(value) else 0.0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
