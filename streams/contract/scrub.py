"""Replaces personal data in a text by placeholders: e-mail, phone, card, IBAN, long digit runs, URLs with tokens.

Every pattern takes linear time: repetitions are possessive (no backtracking) and start only at a boundary, everything
else has a fixed length. So a large hostile text costs milliseconds. Product numbers, sizes and prices stay unchanged.
"""

import re

from liveprofile.streams.contract.cards import replace_cards
from liveprofile.streams.contract.iban import replace_ibans

EMAIL, PHONE, CARD, IBAN, NUMBER, URL, TOKEN = "[email]", "[phone]", "[card]", "[iban]", "[number]", "[url]", "[token]"

LONG_RUN = 11
"""So many digits in a row are a personal number: a customer's, a phone's. Product numbers are shorter."""
FEWEST_DIGITS = 7
"""A text with fewer digits contains no number that could identify a person."""

_URL = re.compile(r"(?<!\w)(?:https?://|www\.)[^\s<>\"]++", re.IGNORECASE)
_TELLING = re.compile(r"[?#@=]|[\w-]{24}|(?<![A-Za-z])\d{6}")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@([\w-]++(?:\.[\w-]++)++)")
_TOKEN = re.compile(r"(?<![\w-])(?:eyJ[A-Za-z0-9_.-]{29,}+|[A-Za-z0-9_-]{32,}+)")
_DIGITS = re.compile(r"\d")
_RUN = re.compile(rf"\d{{{LONG_RUN},}}+")
_ISBN = re.compile(r"97[89]\d{10}")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"\+\d(?:[ .()/-]{0,2}\d){7,14}+"  # +44 (0)20 7946 0958
    r"|00[1-9](?:[ .()/-]{0,2}\d){8,14}+"  # 0044 20 7946 0958
    r"|\(\d{2,5}\) ?\d{3,4}[ -]?\d{3,5}"  # (020) 7946 0958, (202) 555-0143
    r"|(?:1[-. ])?[2-9]\d\d([-. ])[2-9]\d\d\1\d{4}"  # 202-555-0143, 1-202-555-0143
    r"|0\d{1,4}[ /-]\d{3,4}[ -]?\d{3,5}"  # 020 7946 0958, 030/1234567
    r"|0\d(?:[ .]\d{2}){4}"  # 06 12 34 56 78
    r"|0[1-9]\d{8}"  # 0612345678
    r")(?![\w-])"
)
_NAMED_PHONE = re.compile(
    r"\b((?:tele)?phone|tel|mobile|cell|whatsapp|fax|call(?: me)?(?: (?:on|at))?)([ .:#]{1,3})"
    r"\(?\d(?:[ .()/-]{0,2}\d){6,14}+",
    re.IGNORECASE,
)
_PHONE_WORDS = ("phone", "tel", "mobile", "cell", "whatsapp", "fax", "call")
_SOCIAL = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_SHORTEST_PHONE = 10


def scrub(text: str) -> str:
    """The text with placeholders for personal data. Expects normalised text.

    >>> scrub("ship to jane@example.com, +44 20 7946 0958, 4111 1111 1111 1111")
    'ship to [email], [phone], [card]'
    >>> scrub("Bosch GSR 12V-35, 1/2-inch, 500 x 300 mm, 2-pack (1365736)")
    'Bosch GSR 12V-35, 1/2-inch, 500 x 300 mm, 2-pack (1365736)'
    """
    if "://" in text or "www." in text.lower():
        text = _URL.sub(_url, text)
    if "@" in text:
        text = _EMAIL.sub(_email, text)
    if len(text) >= 32:
        text = _TOKEN.sub(_token, text)
    return _scrub_numbers(text) if _digits(text) >= FEWEST_DIGITS else text


def _digits(text: str) -> int:
    """Number of decimal digits of any script."""
    if not text.isascii():
        return len(_DIGITS.findall(text))
    raw = text.encode("ascii")
    return len(raw) - len(raw.translate(None, b"0123456789"))


def _scrub_numbers(text: str) -> str:
    text = replace_cards(replace_ibans(text, IBAN), CARD)
    lower = text.lower()
    if any(word in lower for word in _PHONE_WORDS):
        text = _NAMED_PHONE.sub(rf"\1\2{PHONE}", text)
    text = _SOCIAL.sub(NUMBER, _PHONE.sub(_phone, text))
    return _RUN.sub(_run, text)


def _url(match: re.Match[str]) -> str:
    """Replace a URL with a query, a user or anything like a token in it; keep a plain one."""
    return URL if _TELLING.search(match[0]) else match[0]


def _email(match: re.Match[str]) -> str:
    top = match[1].rpartition(".")[2]
    return EMAIL if len(top) >= 2 and (top.isalpha() or top.startswith("xn--")) else match[0]


def _token(match: re.Match[str]) -> str:
    """Replace a long mix of letters and digits: a key, a session, a UUID, a JWT. A slug of words has few digits."""
    digits = _digits(match[0])
    return TOKEN if 6 <= digits < len(match[0]) or match[0].startswith("eyJ") else match[0]


def _phone(match: re.Match[str]) -> str:
    """Replace a phone number. A grouped national number needs ten digits: '021 023 025' is a list of models."""
    written = match[0]
    return PHONE if written[0] == "+" or _digits(written) >= _SHORTEST_PHONE else written


def _run(match: re.Match[str]) -> str:
    """Replace a long number, but keep an ISBN-13, which identifies a book and not a person."""
    return match[0] if _ISBN.fullmatch(match[0]) else NUMBER
