"""Ids that are somebody's address or number: an e-mail or a telephone, plain or encoded, where an id should stand."""

import re
from base64 import b64decode, urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from liveprofile.streams.contract.personal_data.findings import CARD, EMAIL, IBAN, NUMBER, PHONE
from liveprofile.streams.contract.personal_data.folding import fold
from liveprofile.streams.contract.scrub import find_personal_data

_KINDS = frozenset((EMAIL, PHONE, CARD, IBAN))
_SIGNS = frozenset("@%&+\\ ().\uff20\uff0b")
"""An id without one of them can hold an address or a number only in an encoding, or in groups of digits."""
_GROUPED = re.compile(r"\(?[0-9]{1,6}(?:[ ().+/_-]{1,2}[0-9]{1,6}){2,}")
_INTERNATIONAL = re.compile(r"(?:00|tel:)[1-9][0-9]{8,14}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-fA-F]{2}){8,}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST_ENCODED = 12
"""A shorter id of letters and digits holds nothing in an encoding."""
_SHORT = re.compile(r"(?=[0-9_-]{0,10}+[A-Za-z])[A-Za-z0-9_-]{1,11}")
"""An id with a letter that is too short for an encoding, and without a sign of an address: most ids of events."""
_PARTS = re.compile(r"[:|;,#]")


def is_personal_id(written: str) -> bool:
    """Whether an id is, or holds, an e-mail address, a telephone number, a card or an account.

    Digits alone are none: orders and items have such ids, as long as telephone numbers.

    >>> [is_personal_id(one) for one in ("+4915112345678", "jane%40example.com", "amFuZUBleGFtcGxlLmNvbQ==")]
    [True, True, True]
    >>> [is_personal_id(one) for one in ("4006381333931", "550e8400-e29b-41d4-a716-446655440000", "SKU-12.5-red")]
    [False, False, False]
    """
    if _SHORT.fullmatch(written):
        return False
    if written.isascii() and written.isalnum() and len(written) < _SHORTEST_ENCODED:
        return _INTERNATIONAL.fullmatch(written) is not None
    if _UUID.fullmatch(written):
        return False
    return any(_is_personal(one) for form in _forms(written) for one in {form, *_PARTS.split(form)})


def _is_personal(text: str) -> bool:
    folded = fold(text)
    if not (_SIGNS.intersection(folded) or _GROUPED.fullmatch(folded) or _INTERNATIONAL.fullmatch(folded)):
        return False
    if _INTERNATIONAL.fullmatch(folded):
        return True
    kinds = {found.placeholder for found in find_personal_data(text)}
    return not kinds.isdisjoint(_KINDS) or (NUMBER in kinds and _GROUPED.fullmatch(folded) is not None)


def _forms(written: str) -> Iterator[str]:
    """The id, and what it is where it is encoded: percent, HTML, base64, hexadecimal."""
    yield written
    if "%" in written or "&" in written:
        yield unescape(unquote(unquote(written)))
    for part in {written, *_PARTS.split(written)}:
        if _HEX.fullmatch(part):
            yield from _printable(bytes.fromhex(part.removeprefix("0x")))
        elif _BASE64.fullmatch(part):
            yield from _from_base64(part)


def _from_base64(part: str) -> Iterator[str]:
    padded = part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)
    decode = urlsafe_b64decode if "-" in part or "_" in part else b64decode
    try:
        yield from _printable(decode(padded))
    except (Base64Error, ValueError):
        return


def _printable(raw: bytes) -> Iterator[str]:
    """The bytes as text, if they are."""
    if raw.isascii() and raw.decode("ascii").isprintable():
        yield raw.decode("ascii")
