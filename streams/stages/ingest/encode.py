"""Encodes lines as activity records with one struct; its format is derived from the head's dtype."""

import struct
from collections.abc import Sequence
from functools import lru_cache

import orjson

from liveprofile.profiles.records.activity import LAYOUT, Action, Kind, digest32, digest64, head_dtype_of, name_check
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent

DIGESTS_CACHED = 65_536
_EVENT = int(Kind.EVENT)
_BY_LINE = frozenset({Action.PURCHASE, Action.REFUND, Action.DECLARE})
"""Actions with several lines per event."""
_NUMPY_TO_STRUCT = {"|u1": "B", "<u2": "H", "<u4": "I", "<u8": "Q", "<i8": "q"}

_item_digest = lru_cache(maxsize=DIGESTS_CACHED)(digest64)
_session_digest = lru_cache(maxsize=DIGESTS_CACHED)(digest64)
_order_digest = lru_cache(maxsize=DIGESTS_CACHED)(digest64)


@lru_cache(maxsize=DIGESTS_CACHED)
def _name_digest(name: str) -> int:
    return digest32(name) if name else 0


@lru_cache(maxsize=DIGESTS_CACHED)
def _name_check(name: str) -> int:
    return name_check(name) if name else 0


class Encoder:
    """Activity records for vectors of one number of dimensions."""

    def __init__(self, dims: int, currency: str = "EUR", layout: int = LAYOUT) -> None:
        """`currency` is the shop's: amounts in another one are written as unknown, so that no sum mixes currencies.

        `layout` is the written layout: an older one while workers of an older version run. Layout 2 has one field for
        the tone of a review and for the specificity of a query; layouts before 4 have no order and no item's price.
        """
        self._dims = dims
        self._own = frozenset({"", currency})
        names = head_dtype_of(layout, dims).names or ()
        self._layout, self._one_wording, self._orders = layout, "wording" in names, "order" in names
        self._head = struct.Struct(_head_format(dims, layout))

    def encode(
        self,
        event: ValidatedEvent,
        topics: Sequence[tuple[bytes, str | None]],
        source: int,
        event_time_ms: int,
        flags: int,
        device: int = 0,
        network: int = 0,
    ) -> list[bytes]:
        """The records of one event, one per line. `topics` has each line's vector (int16 bytes) and nearest topic name.

        The line's own category takes precedence over the nearest topic. `source` is the position of the input record;
        `device` and `network` are keyed digests.
        """
        session = _session_digest(event.session_id) if event.session_id else 0
        order = (_order_digest(event.order_id) if event.order_id else 0,) if self._orders else ()
        count = len(event.lines)
        own = event.currency in self._own
        pack = self._head.pack
        records = []
        for place, (line, (vector, nearest)) in enumerate(zip(event.lines, topics, strict=True)):
            category = line.category or nearest or ""
            head = pack(
                self._layout,
                _EVENT,
                event.action,
                flags,
                self._dims,
                place,
                count,
                line.quantity,
                event_time_ms,
                event_digest(event, place),
                *order,
                source,
                session,
                _item_digest(line.item_id) if line.item_id else 0,
                _name_digest(category),
                _name_digest(line.brand_key),
                *((_name_check(category), _name_check(line.brand_key)) if self._orders else ()),
                line.amount if own else 0,
                *((line.price if own else 0,) if self._orders else ()),
                event.order_total if own else 0,
                line.saved if own else 0,
                line.dwell_ms,
                device,
                network,
                event.country,
                line.stars,
                *self._wording(line),
                _name_digest(line.subject),
                _name_digest(line.value),
            )
            records.append(head + vector + _tail(event, line, category or None))
        return records

    def _wording(self, line: Line) -> tuple[int, ...]:
        """What the words of a query or a review are like; no line has both."""
        specificity, tone = line.query_specificity, line.review_tone
        return (specificity or tone,) if self._one_wording else (specificity, tone)


def event_digest(event: ValidatedEvent, place: int) -> int:
    """A digest that identifies a repeated event: of its id and, in an order, the line; 0 without an id."""
    if not event.event_id:
        return 0
    return digest64(f"{event.event_id}#{place}" if event.action in _BY_LINE else event.event_id)


def _tail(event: ValidatedEvent, line: Line, category: str | None) -> bytes:
    """[event_id, category, brand, title, session_id], without the nulls at its end."""
    texts = [event.event_id, category, line.brand or None, line.title or None, event.session_id]
    while texts and texts[-1] is None:
        texts.pop()
    return orjson.dumps(texts) if texts else b""


def _head_format(dims: int, layout: int) -> str:
    """The struct format of everything before the vector."""
    head = head_dtype_of(layout, dims)
    names = [name for name in head.names or () if name != "vector"]
    return "<" + "".join(_NUMPY_TO_STRUCT[head[name].str] for name in names)
