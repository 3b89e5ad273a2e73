"""Replaces personal data in a text by placeholders: e-mail, phones, cards, accounts, identity numbers, tokens.

Each kind has a detector in `personal_data`. All take linear time: repetitions are possessive (no backtracking), start
only at a boundary, or have a bounded length. So a large hostile text costs milliseconds. Most texts have neither
digits nor signs of any kind, and are returned at once. Product numbers, sizes and prices stay unchanged.
"""

import re
from collections.abc import Iterable

from liveprofile.streams.contract.personal_data.addresses import (
    find_emails,
    find_ips,
    find_spelled_emails,
    find_urls,
)
from liveprofile.streams.contract.personal_data.china import find_chinese, is_hinted
from liveprofile.streams.contract.personal_data.findings import Finding, blanked, replaced
from liveprofile.streams.contract.personal_data.folding import TAKEN, fold
from liveprofile.streams.contract.personal_data.iban import find_ibans
from liveprofile.streams.contract.personal_data.lettered_ids import find_lettered_ids
from liveprofile.streams.contract.personal_data.named_ids import find_named_ids
from liveprofile.streams.contract.personal_data.named_phones import find_named_phones
from liveprofile.streams.contract.personal_data.numbers import find_numbers
from liveprofile.streams.contract.personal_data.secrets import find_known_secrets, find_long_tokens

_FEWEST_DIGITS = 7
"""A text with fewer digits contains no number of digits alone that could identify a person."""
_FEWEST_WITH_LETTERS = 4
"""The same for numbers with letters: an Indian tax number has four digits."""
_FEWEST_NAMED = 6
_FEWEST_OF_IBAN = 9
"""An IBAN of 15 characters, the shortest, has two letters of a country and at most four of a bank."""
_DECIMAL = re.compile(r"\d")
_ASCII_DIGITS = b"0123456789"
_SIGNS = b"@%&\\[({<*=:_/"
"""Without one of them, and without digits, a text has no address and no token, but in words."""
_WORDS = re.compile(" (?:dot|p[ou]nt|punkt|punto|point|ponto|kropka|точка) |bearer ")
_LONG_WORD = re.compile(r"\S{12,}")
"""No shorter word is a key that its beginning gives away."""
_HOST = re.compile(r"\.[A-Za-z]{2,}+(?::\d+)?/")


def scrub(text: str) -> str:
    """The text with placeholders for personal data. Expects normalised text.

    >>> scrub("ship to jane@example.com, +44 20 7946 0958, 4111 1111 1111 1111")
    'ship to [email], [phone], [card]'
    >>> scrub("Bosch GSR 12V-35, 1/2-inch, 500 x 300 mm, 2-pack (1365736), lambda sensor 0258017617")
    'Bosch GSR 12V-35, 1/2-inch, 500 x 300 mm, 2-pack (1365736), lambda sensor 0258017617'
    """
    digits, signs = _digits_and_signs(text)
    lower = text.lower()
    few = digits < _FEWEST_WITH_LETTERS and not signs and not _WORDS.search(lower) and not (digits and _has_key(text))
    if few and not (digits and is_hinted(lower)):
        return text
    found = _find(text, lower, digits)
    return replaced(text, found) if found else text


def find_personal_data(text: str) -> list[Finding]:
    """All personal data in a text; findings do not overlap."""
    return _find(text, text.lower(), _digits_and_signs(text)[0])


def _digits_and_signs(text: str) -> tuple[int, int]:
    """Numbers of decimal digits of any script, and of signs; a text that is not ASCII counts as one with signs."""
    if not text.isascii():
        return len(_DECIMAL.findall(text)), any(sign in text for sign in "@＠%&[({<=_/:*")
    raw = text.encode("ascii")
    return len(raw) - len(raw.translate(None, _ASCII_DIGITS)), len(raw) - len(raw.translate(None, _SIGNS))


class _Search:
    """A text in search: what was found, and the folded text without it."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self.found: list[Finding] = []

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in, but for those that overlap earlier ones."""
        new: list[Finding] = []
        end = 0
        for one in sorted(findings):
            if one.start >= end and TAKEN not in self.folded[one.start : one.end]:
                new.append(one)
                end = one.end
        if new:
            self.found += new
            self.folded = blanked(self.folded, new)


def _find(text: str, lower: str, digits: int) -> list[Finding]:
    search = _Search(text)
    if "://" in text or "www." in lower or ("/" in text and _HOST.search(text)):
        search.add(find_urls(search.folded))
    if "@" in text or "%" in text or "&" in text or "\\" in text:
        search.add(find_emails(search.folded))
    search.add(find_spelled_emails(search.folded))
    if is_hinted(lower):
        search.add(find_chinese(text, search.folded))
    if "=" in text or ":" in text or "bearer" in lower or "basic" in lower or _has_key(text):
        search.add(find_known_secrets(search.folded))
        if digits:
            search.add(find_long_tokens(search.folded))
    if digits >= _FEWEST_WITH_LETTERS:
        _add_numbers(search, text, lower, digits)
    return search.found


def _has_key(text: str) -> bool:
    """Whether a long word has digits or a sign of a key in it."""
    return any("_" in word or not word.isalpha() for word in _LONG_WORD.findall(text))


def _add_numbers(search: _Search, text: str, lower: str, digits: int) -> None:
    search.add(find_ips(search.folded))
    if digits >= _FEWEST_OF_IBAN:
        search.add(find_ibans(search.folded))
    if digits >= _FEWEST_DIGITS:
        search.add(find_named_phones(text, lower, search.folded))
    if digits >= _FEWEST_NAMED:
        search.add(find_named_ids(text, search.folded))
    search.add(find_lettered_ids(search.folded))
    if digits >= _FEWEST_DIGITS:
        search.add(find_numbers(search.folded))
