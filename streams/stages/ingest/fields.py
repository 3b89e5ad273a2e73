"""The checks of single fields that several inputs share. Each raises RefusedError with its words."""

from functools import lru_cache
from math import isfinite

from liveprofile.streams.contract.inputs import MAX_ID_CHARS, Click, Input, Item, Purchase, Review
from liveprofile.streams.contract.placeholders import Placeholders
from liveprofile.streams.contract.refusals import Reason, RefusedError, fault_of
from liveprofile.streams.stages.ingest.categories import category_path
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.money import HUNDREDTHS, MINOR_LIMIT, to_minor
from liveprofile.streams.stages.ingest.pseudonym import anonymous_shopper, known_shopper
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, EMPTY, KEPT_TITLE_CHARS, clean

LONGEST_DWELL_MS = 86_400_000
"""One day: a page that stays open longer is a forgotten tab."""
MAX_BRAND_CHARS = 128


def without_placeholders(event: Input, placeholders: Placeholders) -> None:
    """Put null into each field that holds a placeholder."""
    _clear(event, placeholders)
    if isinstance(event, Purchase) and event.items:
        for item in event.items:
            _clear(item, placeholders)


def _clear(struct: Input | Item, placeholders: Placeholders) -> None:
    for field, value in placeholders.of(type(struct)).unknown(struct):
        if placeholders.stands_for_nothing(value, field):
            setattr(struct, field.value, None)


def shopper_of(event: Input) -> str:
    """The shopper of the event: the known user, else the anonymous one."""
    if event.user_id is not None:
        return known_shopper(_bounded(str(event.user_id).strip(), "user_id"))
    if event.anonymous_id is not None:
        return anonymous_shopper(_bounded(str(event.anonymous_id).strip(), "anonymous_id"))
    raise RefusedError(Reason.MISSING_USER)


def identifier(raw: str | int | None, name: str) -> str | None:
    """An id as sent; `private_ids` makes of it what is written down."""
    if raw is None or raw == "":
        return None
    return _bounded(str(raw), name)


def _bounded(written: str, name: str) -> str:
    if len(written) > MAX_ID_CHARS:
        raise RefusedError(
            Reason.ID_TOO_LONG, f"{name} has {len(written):,} characters; the longest accepted has {MAX_ID_CHARS}."
        )
    return written


def dwell(dwell_ms: float | None) -> int:
    """Time spent in whole milliseconds, at most a day; 0 if unknown."""
    if dwell_ms is None:
        return 0
    if not isfinite(dwell_ms) or dwell_ms < 0:
        raise RefusedError(Reason.OUT_OF_RANGE, f"dwell_ms {fault_of(dwell_ms)}; it must be 0 or more.")
    return round(min(dwell_ms, LONGEST_DWELL_MS))


def saving(list_price: float | None, price: float | None, quantity: float) -> int:
    """The saving of a line against its list price, in minor units; 0 if a price is unknown, or if it costs more.

    >>> saving(20.0, 15.0, 2.0), saving(20.0, None, 1.0), saving(10.0, 12.0, 1.0)
    (1000, 0, 0)
    """
    if list_price is None:
        return 0
    to_minor(list_price, "list_price")
    if price is None or list_price <= price:
        return 0
    return min(round((list_price - price) * quantity * HUNDREDTHS), MINOR_LIMIT)


def product_line(
    source: Click | Item | Review,
    amount: int,
    quantity: int = 1,
    dwell_ms: int = 0,
    saved: int = 0,
    price: int = 0,
) -> Line:
    """The line of a product, with its texts cleaned; `price` is the item's own, of one piece."""
    title = clean(source.title) if source.title else EMPTY
    brand = clean(source.brand) if source.brand else EMPTY
    category = category_path(source.category) if source.category else None
    brand_key = brand.key[:MAX_BRAND_CHARS]
    return Line(
        title.key[:EMBEDDED_CHARS] or (_words(category, brand_key) if category else ""),
        title.text[:KEPT_TITLE_CHARS],
        category,
        brand.text[:MAX_BRAND_CHARS],
        brand_key,
        identifier(source.item_id, "item_id"),
        amount,
        quantity,
        dwell_ms,
        saved,
        price,
    )


@lru_cache(maxsize=16_384)
def _words(category: str, brand: str) -> str:
    """A text for an event without a title: the words of the category path, then the brand. A brand alone gives none."""
    return f"{category.replace('/', ' ').replace('-', ' ')} {brand}".rstrip()
