"""The activity record: the only input of the fold, with its byte layout.

An activity is a fixed head, followed by a tail of texts as a JSON array. NumPy reads the heads of many records in one
step. The tail is read only for the few records with texts that are needed (a new topic name, the evidence of a fact).

    head   fixed size, little-endian, see `head_dtype`
    tail   JSON array [event_id, category, brand, title, session_id, adopted] - trailing nulls may be left out

The first byte is the number of the layout; `records.layouts` knows the fields of each. Records of different layouts may
be next to each other in one partition: all are read into the present one.

Five kinds: EVENT (a shopper did something), TICK (time passed), ADOPT (a new model is in force from here on), ERASE
(the profile that is its key is erased from here on), SWITCH (another generation of the state serves from here on).
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.records.coordinates import GENERATIONS as GENERATIONS
from liveprofile.profiles.records.coordinates import OFFSET_BITS as OFFSET_BITS
from liveprofile.profiles.records.coordinates import PARTITION_BITS as PARTITION_BITS
from liveprofile.profiles.records.coordinates import SOURCES as SOURCES
from liveprofile.profiles.records.coordinates import TOPIC_BITS as TOPIC_BITS
from liveprofile.profiles.records.coordinates import lasting_offset as lasting_offset
from liveprofile.profiles.records.coordinates import source_code as source_code
from liveprofile.profiles.records.coordinates import source_name as source_name
from liveprofile.profiles.records.layouts import Family, UnknownLayoutError

LAYOUT = 4
"""The present layout, the first byte of a record. A changed head gets the next number, as a test checks."""
FIRST_LAYOUT = 2
"""The oldest layout that is read, and the one that every worker can read: control records are always written in it."""

VECTOR_ONE = 32767
"""The integer that stands for 1.0: unit vectors travel as int16, which NumPy converts 20 times faster than float16."""

_START = Struct("<BBBBH")
"""Layout, kind, action, flags and dimensions: every layout begins with them."""


class Kind(IntEnum):
    """The kind of an activity."""

    EVENT = 0
    TICK = 1
    ADOPT = 2
    ERASE = 3
    SWITCH = 4
    """Read as an adoption. A program that does not know it stops there, so it publishes nothing later."""


class Action(IntEnum):
    """An action of a shopper. The order is part of the layout: append only."""

    VIEW = 0
    """Viewed a product."""
    CLICK = 1
    """Clicked on one."""
    CART = 2
    """Added one to the cart."""
    UNCART = 3
    """Removed one from the cart."""
    FAVOURITE = 4
    """Marked one as a favourite."""
    SHARE = 5
    """Shared one with others."""
    DISMISS = 6
    """Dismissed one as of no interest."""
    SEARCH = 7
    """Searched by text."""
    PURCHASE = 8
    """Bought: an activity for each line of the order."""
    REFUND = 9
    """Returned: an activity for each line."""
    REVIEW = 10
    """Stars, a text, or both."""
    ACCEPT = 11
    """Accepted a tag of the profile, or an offer."""
    REFUSE = 12
    """Refused one."""
    CORRECT = 13
    """Corrected an inferred attribute."""
    DECLARE = 14
    """Stated an attribute."""
    FAILED = 15
    """A payment failed."""


class Flag(IntEnum):
    """Bits of the head's `flags`."""

    CLOCK_CLAMPED = 1
    """The client's clock was ahead by more than the allowed skew; the event was put back to its arrival or before."""
    REPLAYED = 2
    """The event is a replay of the past, not live."""


@lru_cache(maxsize=8)
def head_dtype(dims: int) -> np.dtype[np.void]:
    """The head's layout for vectors of `dims` dimensions, unaligned and little-endian."""
    return np.dtype(
        [
            ("layout", "u1"),  # LAYOUT
            ("kind", "u1"),  # Kind
            ("action", "u1"),  # Action
            ("flags", "u1"),  # Flag bits
            ("dims", "<u2"),  # dimensions of the vector
            ("line", "<u2"),  # this line's place in its order, from 0
            ("lines", "<u2"),  # lines in the order or declaration, 1 for everything else
            ("quantity", "<u2"),  # pieces on this line
            ("event_time_ms", "<i8"),  # when it happened, epoch milliseconds
            ("event_digest", "<u8"),  # digest64 of the client's event id and line; 0 without one
            ("order", "<u8"),  # digest64 of the order id, of a purchase or a refund; 0 without one
            ("source", "<u8"),  # place of the input record, see source_code
            ("session", "<u8"),  # digest64 of the client's session id; 0 without one
            ("item", "<u8"),  # digest64 of the item id; 0 without one
            ("category", "<u4"),  # digest32 of the topic (category path or the nearest named topic); 0 without one
            ("brand", "<u4"),  # digest32 of the brand; 0 without one
            ("category_check", "<u4"),  # name_check of the topic: tells apart names of one digest; 0 if unknown
            ("brand_check", "<u4"),  # the same of the brand
            ("amount", "<i8"),  # price or line amount in minor units; 0 if unknown
            ("price", "<i8"),  # the item's own price, of a piece or a kilo, in minor units; 0 if unknown
            ("order_total", "<i8"),  # the whole order in minor units, on each of its lines; 0 if unknown
            ("saved", "<i8"),  # minor units below the list price, of this line; 0 if none or unknown
            ("dwell_ms", "<u4"),  # time spent; 0 if unknown
            ("device", "<u4"),  # keyed digest of the device; 0 without one
            ("network", "<u4"),  # keyed digest of the network (IPv4 /24, IPv6 /48); 0 without one
            ("country", "<u2"),  # two ASCII letters out of the locale, see country_code; 0 without one
            ("stars", "u1"),  # of a review, times 10: 10 to 50; 0 if unknown
            ("query_specificity", "u1"),  # how exact a query is, 1 to 255; 0 for everything else
            ("review_tone", "u1"),  # tone of a review, 1 all blame to 255 all praise; 0 for everything else
            ("subject", "<u4"),  # digest32 of the tag, attribute or `offer_subject` of the feedback
            ("value", "<u4"),  # digest32 of the attribute's value, see `attributes`; 0 for none, or withdrawn
            ("vector", "<i2", (dims,)),  # unit embedding times VECTOR_ONE; zeros without a text
        ]
    )


HEADS = Family("head", head_dtype, LAYOUT)
"""All layouts of heads."""


@lru_cache(maxsize=16)
def head_dtype_of(number: int, dims: int) -> np.dtype[np.void]:
    """The head's layout in records that begin with `number`. KeyError for a number that is not known."""
    layout = HEADS.of_number(number)
    if layout is None:
        raise KeyError(number)
    return HEADS.dtype(layout.fingerprint, dims)


def digest64(text: str) -> int:
    """A stable 64-bit digest of a text; never 0, which stands for none."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1


def digest32(text: str) -> int:
    """A stable 32-bit digest of a text; never 0, which stands for none."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little") or 1


def name_check(text: str) -> int:
    """Another 32 bits of a name, independent of `digest32`: names of one digest differ in it; never 0."""
    return digest64(text) & 0xFFFFFFFF or 1


def country_code(letters: str) -> int:
    """Two letters as a head's `country`.

    >>> country_name(country_code("de"))
    'DE'
    """
    return int.from_bytes(letters.upper().encode("ascii")[:2], "little")


def country_name(code: int) -> str:
    """The letters of a country code; empty for 0."""
    return int(code).to_bytes(2, "little").rstrip(b"\0").decode("ascii", "replace")


def offer_subject(name: str) -> str:
    """The text whose digest is the `subject` of feedback about an offer: no tag or attribute has such a name."""
    return f"offer:{name}"


def encode(head: npt.NDArray[np.void] | np.void, tail: Sequence[Any] = ()) -> bytes:
    """One record: a head of `head_dtype` and its tail."""
    return head.tobytes() + (orjson.dumps(tail) if tail else b"")


def join_heads(values: Sequence[bytes], dims: int) -> npt.NDArray[np.void]:
    """The first bytes of many records as heads of the present layout (len(values),), whatever they are; zeros where a
    record is too short."""
    layout = head_dtype(dims)
    size = layout.itemsize
    joined = bytearray().join([value[:size] for value in values])  # to compiled code, read-only bytes are another type
    if len(joined) != size * len(values):
        joined = bytearray().join([value[:size] if len(value) >= size else bytes(size) for value in values])
    return np.frombuffer(joined, dtype=layout, count=len(values))


def decode_heads(values: Sequence[bytes], dims: int) -> npt.NDArray[np.void]:
    """The heads of many records as one structured array of shape (len(values),); all zero where there is no head.

    Heads of older layouts are read by name. `UnknownLayoutError` for a record of a newer program: it is not damaged,
    and skipping it would lose its data. ValueError for one of other dimensions.
    """
    heads = join_heads(values, dims)
    if others := np.flatnonzero(heads["layout"] != LAYOUT).tolist():
        _read_older(heads, values, others, dims)
    known = (heads["layout"] == LAYOUT) & (heads["kind"] <= max(Kind)) & (heads["action"] <= max(Action))
    for at in np.flatnonzero(~known | (heads["dims"] != dims)).tolist():
        _refuse_foreign(values[at], dims)
    return heads


def _read_older(heads: npt.NDArray[np.void], values: Sequence[bytes], others: Sequence[int], dims: int) -> None:
    """Write heads of older layouts to their places in `heads`, in the present layout."""
    places: dict[int, list[int]] = {}
    for at in others:
        if values[at]:
            places.setdefault(values[at][0], []).append(at)
    for layout in HEADS.layouts[:-1]:
        dtype = HEADS.dtype(layout.fingerprint, dims)
        if found := [at for at in places.get(layout.number, ()) if len(values[at]) >= dtype.itemsize]:
            old = np.frombuffer(b"".join([values[at][: dtype.itemsize] for at in found]), dtype)
            new = HEADS.migrate(old, layout.fingerprint, dims)
            new["layout"] = LAYOUT
            whole = heads.view(f"V{heads.itemsize}")
            whole[found] = new.view(whole.dtype)


def _refuse_foreign(value: bytes, dims: int) -> None:
    """ValueError if the first six bytes, the same in every layout, are those of a newer program or other dimensions."""
    if len(value) < _START.size:
        return
    layout, kind, action, _, found = _START.unpack_from(value)
    ours = HEADS.of_number(layout) is not None and kind <= max(Kind) and action <= max(Action) and found == dims
    if ours or not layout or max(layout, kind, action) >= 32 or not 2 <= found <= 4096 or len(value) < 2 * found:
        return
    if found != dims and HEADS.of_number(layout):
        raise ValueError(
            f"activity records of {found} dimensions, expected {dims}: the embedder has another length of vectors. "
            "Bring the old model back, or start a new app id."
        )
    raise UnknownLayoutError(
        "an activity record",
        f"number {layout} (kind {kind}, action {action}, {found} dimensions)",
        f"number {LAYOUT} (kinds to {max(Kind)}, actions to {max(Action)}, {dims} dimensions)",
    )


class Tail(NamedTuple):
    """The texts after a head, in this order; None for a missing one."""

    event_id: str | None = None
    category: str | None = None
    brand: str | None = None
    title: str | None = None
    session_id: str | None = None
    adopted: Any = None


def decode_tail(value: bytes, dims: int) -> Tail:
    """The texts of one record. The head is valid without them: an unreadable tail counts as a tail without texts."""
    try:
        tail = orjson.loads(value[head_dtype_of(value[0], dims).itemsize :] or b"[]")
    except (orjson.JSONDecodeError, LookupError):
        tail = []
    if not isinstance(tail, list):
        return Tail()
    *texts, adopted = (*tail, *Tail())[: len(Tail._fields)]
    return Tail._make([*[text if isinstance(text, str) else None for text in texts], adopted])


def control_record(kind: Kind, event_time_ms: int, dims: int, adopted: dict[str, Any] | None = None) -> bytes:
    """A tick, an erasure, an adoption or a switch. An adoption carries the numbers: the log alone can be replayed.

    Written in the first layout, which has all that they need: every worker can read them.
    """
    head = np.zeros((), dtype=head_dtype_of(FIRST_LAYOUT, dims))
    head["layout"], head["kind"], head["dims"], head["event_time_ms"] = FIRST_LAYOUT, kind, dims, event_time_ms
    return encode(head, [None, None, None, None, None, adopted] if adopted is not None else ())
