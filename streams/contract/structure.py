"""The structure of a refused record: its keys and types, and only values that can say nothing about a person.

An allow-list: keys of the contract and of well-known trackers, words of closed lists, small numbers in fields of
amounts. All else is shown by type and size: texts, ids, other keys, large numbers, truth values.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite, log10
from typing import Any

import msgspec

from liveprofile.streams.contract.currencies import CURRENCIES
from liveprofile.streams.contract.first_bytes import kind_of
from liveprofile.streams.contract.shown_names import (
    AMOUNT_KEYS,
    CURRENCY_KEYS,
    KNOWN_KEYS,
    KNOWN_WORDS,
    TIME_KEYS,
    WORD_KEYS,
)

MOST_BYTES = 65_536
"""A larger value is not read: a refused record must not cost more than an accepted one."""
_MOST_VALUES, _MOST_IN_LIST, _DEEPEST = 200, 5, 8
_LARGEST = 100_000
"""A number is shown below it, with two decimals: too few digits for a card, a phone or a date of birth."""
_LONGEST_SHAPE = 40
_WRITTEN_OUT_BITS = 4_096
"""A longer integer is not turned into digits: Python takes quadratic time, and refuses the longest."""

_TELLING_KEYS = WORD_KEYS | CURRENCY_KEYS | TIME_KEYS | AMOUNT_KEYS
_SHAPE = str.maketrans(dict.fromkeys("0123456789", "9"))
_IN_SHAPES = frozenset("0123456789 .,:+-/TZtz")


class Unparsed(msgspec.Struct, gc=False, omit_defaults=True):
    """What is told about a value that is not JSON."""

    kind: str
    """In words of a closed list: text, gzip, UTF-16, an Avro file and so on."""
    error_at: int | None = None
    """Offset in bytes of the first fault; none where the value is larger than what is read."""


def read(value: bytes) -> Any:
    """The parsed JSON value, or `Unparsed`.

    >>> read(b'{"a":1}'), read(b'{"a":1')
    ({'a': 1}, Unparsed(kind='text: an object', error_at=6))
    """
    if len(value) > MOST_BYTES:
        return Unparsed(kind_of(value))
    try:
        return msgspec.json.decode(value)
    except UnicodeDecodeError:
        return Unparsed(kind_of(value), _first_bad_byte(value))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Unparsed(kind_of(value), _place(str(error), len(value)))


def _first_bad_byte(value: bytes) -> int:
    """Where the value stops being UTF-8; msgspec counts within the text only."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(value)


def _place(message: str, end: int) -> int:
    """The offset that msgspec's message names; the end of the value where it names none."""
    digits = message.rpartition("(byte ")[2].rstrip(")")
    return int(digits) if digits.isascii() and digits.isdigit() else end


class _Budget:
    """Counts down the values that one structure may still show."""

    def __init__(self) -> None:
        self.left = _MOST_VALUES

    def spent(self) -> bool:
        self.left -= 1
        return self.left < 0


def structure_of(value: Any) -> Any:
    """The structure of a parsed value.

    >>> structure_of({"user_id": "jane", "action": "view", "price": 12.5, "nick": 4111111111111111})
    {'user_id': '[text of 4]', 'action': 'view', 'price': 12.5, '[key of 4]': '[integer of 16 digits]'}
    """
    return _shown("", value, _Budget(), 0)


def _shown(key: str, value: Any, budget: _Budget, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return _text(key, value) if key in _TELLING_KEYS else f"[text of {len(value)}]"
    if kind is dict:
        return _object(value, budget, depth)
    if kind is list:
        return _list(key, value, budget, depth)
    if value is None:
        return None
    return "[boolean]" if kind is bool else _number(key, value)


def _object(value: Mapping[str, Any], budget: _Budget, depth: int) -> Any:
    if depth >= _DEEPEST:
        return f"[object of {len(value)}]"
    shown: dict[str, Any] = {}
    for place, (key, inner) in enumerate(value.items()):
        if budget.spent():
            shown["[more]"] = f"[{len(value) - place} more]"
            break
        name = key if key in KNOWN_KEYS else _unused(f"[key of {len(key)}]", shown)
        shown[name] = _shown(key, inner, budget, depth + 1)
    return shown


def _unused(name: str, shown: Mapping[str, Any]) -> str:
    """The name, numbered where another hidden key has the same length."""
    number, numbered = 1, name
    while numbered in shown:
        number += 1
        numbered = f"{name} {number}"
    return numbered


def _list(key: str, value: Sequence[Any], budget: _Budget, depth: int) -> Any:
    if depth >= _DEEPEST:
        return f"[list of {len(value)}]"
    shown: list[Any] = []
    for inner in value[:_MOST_IN_LIST]:
        if budget.spent():
            break
        shown.append(_shown(key, inner, budget, depth + 1))
    if len(shown) < len(value):
        shown.append(f"[{len(value) - len(shown)} more]")
    return shown


def _text(key: str, text: str) -> str:
    word = text.strip()
    if key in WORD_KEYS:
        for known in (word, word.lower()):
            if known in KNOWN_WORDS:
                return known
    if key in CURRENCY_KEYS and word.upper() in CURRENCIES:
        return word.upper()
    if (key in TIME_KEYS or key in AMOUNT_KEYS) and 0 < len(text) <= _LONGEST_SHAPE and _IN_SHAPES.issuperset(text):
        return f"[text like {text.translate(_SHAPE)}]"
    return f"[text of {len(text)}]"


def _number(key: str, number: int | float) -> Any:
    """The value of a small amount; of a time the year; else how many digits there are."""
    if key in AMOUNT_KEYS and -_LARGEST < number < _LARGEST:
        return round(number, 2)
    digits = _digits(number)
    kind = f"integer of {digits} digits" if isinstance(number, int) else f"number of {digits} digits"
    return f"[{kind}{_year(number) if key in TIME_KEYS else ''}]"


def _digits(number: int | float) -> int:
    """Decimal digits of the whole part; of a very long integer nearly so."""
    if isinstance(number, float):
        return 1 + int(log10(abs(number))) if isfinite(number) and abs(number) >= 1 else 1
    bits = number.bit_length()
    return len(str(abs(number))) if bits < _WRITTEN_OUT_BITS else 1 + int(bits * log10(2))


def _year(number: int | float) -> str:
    """The year that a number would be as a time, by unit; empty if it is none."""
    for unit, per_second in (("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)):
        seconds = number / per_second if abs(number) < 1e18 else -1.0
        if not 0 <= seconds < 253_402_300_800:
            continue
        year = datetime.fromtimestamp(seconds, UTC).year
        if unit == "seconds" and year > 2286:
            continue  # ten digits reach to 2286; milliseconds have thirteen
        return f", the year {year} in {unit}"
    return ""
