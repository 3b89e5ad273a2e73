"""Numbers of people in groups of digits: cards, identity numbers, telephones, and what is too long for a product."""

import re
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from liveprofile.streams.contract.personal_data.cards import SHAPES as CARD_SHAPES
from liveprofile.streams.contract.personal_data.cards import is_card_in_groups
from liveprofile.streams.contract.personal_data.digit_groups import Group, Sequence, Shapes, Window, sequences
from liveprofile.streams.contract.personal_data.findings import CARD, NUMBER, PHONE, Finding
from liveprofile.streams.contract.personal_data.national_ids import SHAPES as ID_SHAPES
from liveprofile.streams.contract.personal_data.national_ids import is_national_id, is_plain_id
from liveprofile.streams.contract.personal_data.phones import SHAPES as PHONE_SHAPES
from liveprofile.streams.contract.personal_data.phones import is_country_code, is_phone, is_plain_phone
from liveprofile.streams.contract.personal_data.product_numbers import (
    ANNOUNCEMENT_CHARS,
    MAKER_CHARS,
    TITLE_CHARS,
    is_announced,
    is_in_title,
    is_trade_number,
)

_FEWEST_DIGITS = 7
_LONG_RUN = 12
"""So many digits in a row are a personal number, such as a customer's, unless they have the check digit of goods. Of
shorter numbers those count that a telephone plan or an identity number's checksum knows."""


_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}$")
"""One or two capitals before the digits: AC201710300001 is the code of a product."""
_LONGEST_PRODUCT = 13
"""Digits of a product's number that a word announces."""
_MOST_JUDGED = 100
"""Groups of digits that are judged in one text. What comes then is no title and no query, and goes unjudged, so that a
hostile text costs no more than others of its length."""


def find_numbers(folded: str) -> Iterator[Finding]:
    """All numbers of people; they do not overlap."""
    left = _MOST_JUDGED
    for sequence in sequences(folded, _FEWEST_DIGITS):
        left -= len(sequence.groups)
        if left < 0:
            yield Finding(sequence.groups[0].start, sequence.groups[-1].end, NUMBER)
        else:
            yield from _in_sequence(sequence)


def _is_free(group: Group, before: str) -> bool:
    """Whether a telephone number may begin with this group, whatever follows: with a plus, a zero, a country code."""
    return "+" in before or (group.digits[0] == "0" and len(group.digits) > 1) or is_country_code(group.digits)


def _in_sequence(sequence: Sequence) -> Iterator[Finding]:
    """Cards first: parts of them look like phones. What is left over is judged by its length."""
    groups = sequence.groups
    taken = [False] * len(groups)
    rows = sequence.in_rows() if len(groups) > 1 else taken
    for kind in _KINDS:
        for first, group in enumerate(groups):
            if taken[first] or (rows[first] and kind.not_in_rows):
                continue
            window = _first_of_kind(kind, sequence, first, group, taken)
            if window is None:
                continue
            taken[first : window.last + 1] = [True] * (window.last + 1 - first)
            start, end = group.start, groups[window.last].end
            yield Finding(_with_plus(sequence.folded, start, end) if kind.with_plus else start, end, kind.placeholder)


def _first_of_kind(kind: "_Kind", sequence: Sequence, first: int, group: Group, taken: list[bool]) -> Window | None:
    """The longest number of the kind that begins with a group; None if there is none."""
    if kind.begins is not None and group.digits[0] not in kind.begins:
        return None
    any_shape = kind.with_plus and _is_free(group, sequence.separator(first))
    windows = kind.shapes.windows(sequence, first, any_shape)
    if kind.least <= len(group.digits) and (not windows or windows[-1].last > first):
        windows.append(Window(first, first, str(len(group.digits)), group.digits))
    for window in windows:
        if not kind.least <= len(window.digits) <= kind.most or any(taken[first : window.last + 1]):
            continue
        if kind.check(sequence, window) and not _is_product(sequence, window):
            return window
    return None


def _is_product(sequence: Sequence, window: Window) -> bool:
    """Whether digits without groups stand where a product's number does; a card does not become one by it."""
    group, text = sequence.groups[window.first], sequence.folded
    if window.first != window.last or len(window.digits) > _LONGEST_PRODUCT:
        return False
    if is_announced(text[max(0, group.start - ANNOUNCEMENT_CHARS) : group.start]):
        return True
    return is_in_title(text[: min(group.start, MAKER_CHARS + 1)], text[group.end : group.end + TITLE_CHARS])


def _with_plus(folded: str, start: int, end: int) -> int:
    """Where a telephone number begins: with the plus before its digits, and a bracket that closes within it."""
    signs = "+(" if ")" in folded[start:end] else "+"
    while start and folded[start - 1] in signs:
        start -= 1
    return start


def _is_long(sequence: Sequence, window: Window) -> bool:
    """Whether a single group is no product's number."""
    if window.first != window.last:
        return False
    if len(window.digits) < _LONG_RUN:
        return is_plain_id(window.digits)
    start = sequence.groups[window.first].start
    if _CODE.search(sequence.folded[max(0, start - 3) : start]):
        return False
    return not is_trade_number(window.digits) or is_plain_phone(window.digits)


class _Kind(NamedTuple):
    """A kind of number: its check, the shapes in which it comes, the fewest and the most digits."""

    check: Callable[[Sequence, Window], bool]
    placeholder: str
    shapes: Shapes
    least: int
    most: int
    begins: frozenset[str] | None = None
    """First digits that it can have."""
    not_in_rows: bool = True
    with_plus: bool = False
    """Whether a plus, a zero or a country code in front allows any shape."""


_KINDS = (
    _Kind(is_card_in_groups, CARD, Shapes(CARD_SHAPES), 13, 19, frozenset("2345689"), not_in_rows=False),
    _Kind(is_national_id, NUMBER, Shapes(ID_SHAPES), 8, 20),
    _Kind(is_phone, PHONE, Shapes(PHONE_SHAPES), 8, 17, with_plus=True),
    _Kind(_is_long, NUMBER, Shapes(()), 11, sys.maxsize),
)
"""In the order in which they are looked for."""
