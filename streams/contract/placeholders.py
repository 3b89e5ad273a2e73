"""Placeholders: what programs write into a field whose value they do not know. As a value it would join strangers.

One list of kinds for all fields. Words that are also true brands or items count only where they cannot be one: `guest`
names no shopper, and is a fine brand.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter, contains

from msgspec import Struct

from liveprofile.streams.contract.placeholder_words import NOBODIES, WORDS

MAX_CHARS = 64
"""A longer text is no placeholder, unless it is a template."""


class Kind(StrEnum):
    """What a placeholder is like; the code stands in counters and in the log."""

    EMPTY = "empty"
    """No visible character."""
    ZERO = "zero"
    """Only zeros, with or without a sign or a point, and -1: a number that was never set."""
    ZERO_UUID = "zero-uuid"
    """A UUID, or an address of a device, of zeros or of f alone."""
    REPEATED = "repeated"
    """One character again and again: four letters, or six digits, or more."""
    SYMBOLS = "symbols"
    """No letter and no digit, such as quotes or brackets around nothing."""
    WORD = "word"
    """A word of a tracker or of a programming language for nothing, such as undefined or (not set)."""
    NOBODY = "nobody"
    """A word for somebody unknown, such as guest. Only for fields that name a shopper, a session or a device."""
    TEMPLATE = "template"
    """A template that nobody filled in, such as {{user_id}}."""
    SETTING = "setting"
    """A word of the setting `ingest.placeholders`."""


class Field(StrEnum):
    """The fields that may hold a placeholder, with the kinds that count there."""

    USER = "user_id"
    ANONYMOUS = "anonymous_id"
    SESSION = "session_id"
    DEVICE = "device"
    EVENT = "event_id"
    ORDER = "order_id"
    ITEM = "item_id"
    BRAND = "brand"
    CATEGORY = "category"
    TITLE = "title"
    QUERY = "query"


_ANYWHERE = frozenset({Kind.EMPTY, Kind.ZERO, Kind.ZERO_UUID, Kind.SYMBOLS, Kind.WORD, Kind.TEMPLATE, Kind.SETTING})
_OF_PEOPLE = frozenset(Kind)
KINDS: dict[Field, frozenset[Kind]] = {
    Field.USER: _OF_PEOPLE,
    Field.ANONYMOUS: _OF_PEOPLE,
    Field.SESSION: _OF_PEOPLE,
    Field.DEVICE: _OF_PEOPLE,
    Field.EVENT: _ANYWHERE | {Kind.REPEATED},
    Field.ORDER: _ANYWHERE,
    Field.ITEM: _ANYWHERE,
    Field.BRAND: _ANYWHERE,
    Field.CATEGORY: _ANYWHERE,
    Field.TITLE: frozenset({Kind.EMPTY, Kind.WORD, Kind.TEMPLATE, Kind.SETTING}),
    Field.QUERY: frozenset({Kind.EMPTY, Kind.WORD, Kind.TEMPLATE, Kind.SETTING}),
}
"""The kinds by field. An item AAAA, an order 111111 and a brand Guest are real."""
_AS_WRITTEN = frozenset({"undefined", "null", "NaN", "nan", "(not set)", "[object Object]", "%5Bobject%20Object%5D"})
"""The words that are no title and no query: as programs write them. Books are called Unknown, and None."""

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_ZERO = re.compile(r"[-+]?0+(?:[.,]0+)?|-1(?:\.0+)?")
_UNIT_ADDRESS = re.compile(
    r"\{?(?:0{8}-(?:0{4}-){3}0{12}|f{8}-(?:f{4}-){3}f{12}|(?:00[:-]){5}00|(?:ff[:-]){5}ff|0{32}|f{32})\}?"
)
_TEMPLATE_MARKS = (
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("@{", "}"),
    ("{%", "%}"),
    ("<%", "%>"),
    ("<?", "?>"),
    ("[[", "]]"),
    ("*|", "|*"),
)
"""Beginnings and ends of templates; a text with both holds one, whatever stands around it."""
_TEMPLATE = re.compile(
    r"%%?[A-Za-z_][\w.:-]*%%?|\{[A-Za-z_.]+\}|\$[A-Za-z_.]+|__[A-Za-z_]+__|:[a-z]+_[a-z_]+"
    r"|[<\[](?:[A-Za-z]+[ _-])+(?:id|ID|Id|name|NAME)[>\]]|<\?=?.*|%[sdv]|%\([a-z_]+\)s|@@[A-Za-z_]+@@"
)
_OBJECT = re.compile(r"\[object \w+\]")
_BETWEEN = re.compile(r"[\s._:|/-]+")
_AROUND = " \t\"'`´‘’“”„«»()[]{}<>|*"
_NOT_A_NUMBER = frozenset({"NAN", "Nan"})
"""NAN is a brand: programs write nan, or NaN."""


_ONCE = frozenset({Field.EVENT, Field.ORDER})
"""Fields with a new value in every record: to remember them is of no use."""


def _is_mixed(text: str) -> bool:
    """Whether a text is one word of letters and digits: no kind is like that, and most ids are."""
    bare = text.replace("-", "")
    return bare.isalnum() and not bare.isalpha() and not bare.isdigit()


_MIXED = frozenset(filter(_is_mixed, WORDS | NOBODIES))


def kind_of(text: str, field: Field, more: frozenset[str] = frozenset()) -> Kind | None:
    """The kind of placeholder that a field's text is; None for a true value. `more` are words in lower case.

    >>> kind_of("0", Field.USER), kind_of("(not set)", Field.BRAND), kind_of("{{user.id}}", Field.USER)
    (<Kind.ZERO: 'zero'>, <Kind.WORD: 'word'>, <Kind.TEMPLATE: 'template'>)
    >>> kind_of("guest", Field.USER), kind_of("Guest", Field.BRAND), kind_of("u", Field.USER)
    (<Kind.NOBODY: 'nobody'>, None, None)
    """
    text = text.strip()
    if field in (Field.TITLE, Field.QUERY):
        return _kind_of_words(text, more)
    kind = _kind(text, more)
    if kind is Kind.WORD and text in _NOT_A_NUMBER and field in (Field.BRAND, Field.ITEM, Field.CATEGORY):
        return None
    return kind if kind in KINDS[field] else None


def _kind_of_words(text: str, more: frozenset[str]) -> Kind | None:
    """The kind of a title or a query: what stands for nothing in an id may be one."""
    if _is_template(text):
        return Kind.TEMPLATE
    if text in _AS_WRITTEN:
        return Kind.WORD
    if text.lower() in more:
        return Kind.SETTING
    return None if text else Kind.EMPTY


def _kind(text: str, more: frozenset[str]) -> Kind | None:
    if _is_template(text):
        return Kind.TEMPLATE
    if len(text) > MAX_CHARS:
        return None
    lower = unicodedata.normalize("NFKC", text).lower()
    inner = lower.strip(_AROUND)
    if lower in more:
        return Kind.SETTING
    if not text:
        return Kind.EMPTY
    if _UNIT_ADDRESS.fullmatch(lower):
        return Kind.ZERO_UUID
    if lower in WORDS or inner in WORDS or _OBJECT.fullmatch(lower) or _of_words(inner):
        return Kind.WORD
    if lower in NOBODIES or inner in NOBODIES:
        return Kind.NOBODY
    if not _LETTER_OR_DIGIT.search(text):
        return Kind.SYMBOLS if text.isprintable() else Kind.EMPTY
    if _ZERO.fullmatch(inner):
        return Kind.ZERO
    repeated = len(set(inner)) == 1 and len(inner) >= (6 if inner.isdigit() else 4)
    return Kind.REPEATED if repeated else None


def _is_template(text: str) -> bool:
    for begin, end in _TEMPLATE_MARKS:
        at = text.find(begin)
        if at >= 0 and text.find(end, at + len(begin)) >= 0:
            return True
    return len(text) <= MAX_CHARS and _TEMPLATE.fullmatch(text) is not None


def _of_words(text: str) -> bool:
    """Whether it is several words for nothing, as in undefined.undefined."""
    parts = _BETWEEN.split(text)
    return len(parts) > 1 and all(part in WORDS for part in parts)


class Suspects:
    """The fields of a type of struct that may hold a placeholder."""

    def __init__(self, known: Mapping[Field, Set[str | int | None]], once: Iterable[Field]) -> None:
        """`known` has the values of each field that are true, None among them; of the fields `once` none is known."""
        self._fields, self._known = tuple(known), tuple(known.values())
        self._values_of = attrgetter(*known)
        self._once = tuple(once)

    def unknown(self, struct: Struct) -> list[tuple[Field, str | int]]:
        """The fields of a struct whose values are not known to be true. Nearly always there are few."""
        once = [(field, value) for field in self._once if (value := getattr(struct, field)) is not None]
        values = self._values_of(struct)
        if all(map(contains, self._known, values)):
            return once
        pairs = zip(self._fields, values, self._known, strict=True)
        return once + [(field, value) for field, value, known in pairs if value not in known]


class Placeholders:
    """Tells placeholders from values, and counts them by field and kind."""

    def __init__(self, more: Iterable[str] = (), remembered: int = 65_536) -> None:
        """`more` are further words that stand for nothing, in any field and any case.

        Of each field, `remembered` true values are known again without being looked at.
        """
        self.counts: Counter[tuple[Field, Kind]] = Counter()
        self._true_values: dict[Field, set[str | int | None]] = {field: {None} for field in Field}
        self.of = lru_cache(maxsize=64)(self._of)
        """Of a type of struct: its suspects."""
        self._more = frozenset(word.strip().lower() for word in more)
        self._mixed = self._more | _MIXED
        self._remembered = remembered

    def _of(self, struct: type[Struct]) -> Suspects:
        fields = [one for one in Field if one.value in struct.__struct_fields__]
        known = {one: self._true_values[one] for one in fields if one not in _ONCE}
        return Suspects(known, [one for one in fields if one in _ONCE])

    def stands_for_nothing(self, value: str | int, field: Field) -> bool:
        """Whether a value is a placeholder, which is counted; a true one is remembered."""
        text = value if isinstance(value, str) else str(value)
        if not _is_mixed(text) or text.lower() in self._mixed:
            kind = kind_of(text, field, self._more)
            if kind is not None:
                if kind is not Kind.EMPTY:
                    self.counts[field, kind] += 1
                return True
        if field not in _ONCE:
            known = self._true_values[field]
            if len(known) > self._remembered:
                known.clear()
                known.add(None)
            known.add(value)
        return False
