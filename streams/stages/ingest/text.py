"""Cleans free text: normalised, without invisible characters, without personal data, of limited length."""

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from liveprofile.streams.contract.inputs import MAX_TEXT_CHARS
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.contract.scrub import scrub

EMBEDDED_CHARS = 1000
"""Characters of a text that are embedded; the model reads fewer words than that."""
KEPT_TITLE_CHARS = 500
"""Characters of a title in an activity, for people."""
KEPT_CHARS = 4096
"""Characters that are kept of a long text."""
_READ_CHARS = 4 * KEPT_CHARS
"""Characters that are normalised and scrubbed: more than are kept, so that the kept part is scrubbed to its end."""
_EDGE_CHARS = 64
"""Characters that are dropped at a cut: half a card number does not look like one."""
CACHED_CHARS = 512
"""Longer texts are not cached, so that they cannot fill the memory."""
_CHUNK = 256
"""NFKC sorts sequences of combining marks in quadratic time; in chunks of this size a hostile sequence is cheap."""

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls except white space
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidirectional overrides and isolates
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # fillers, variation selectors, byte order mark
    "\ud800-\udfff"  # lone surrogates
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical controls, tags
    "]+"
)


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENCODED_AT_MOST = 4
"""How often entities are decoded: a text that passed several forms was encoded by each."""


class Clean(NamedTuple):
    """A cleaned text for people, and its case-folded form, which is embedded and cached."""

    text: str
    key: str
    scrubbed: bool


EMPTY = Clean("", "", False)


def clean(raw: str) -> Clean:
    """Normalise, scrub and cut one text. RefusedError if it is too long.

    >>> clean("  Rote\\u200b  Vase,\\tan jane@example.com ").text
    'Rote Vase, an [email]'
    """
    if len(raw) <= CACHED_CHARS:
        return _clean_cached(raw)
    if len(raw) > MAX_TEXT_CHARS:
        raise RefusedError(
            Reason.TOO_LARGE, f"A text has {len(raw):,} characters; the largest accepted has {MAX_TEXT_CHARS:,}."
        )
    return _clean(raw)


def _clean(raw: str) -> Clean:
    visible = normalise(raw[:_READ_CHARS])[:_READ_CHARS]
    scrubbed = scrub(visible)
    if len(visible) == _READ_CHARS or len(raw) > _READ_CHARS:
        scrubbed = scrubbed[:-_EDGE_CHARS]
    text = scrubbed[:KEPT_CHARS].rstrip()
    return Clean(text, folded(text), scrubbed != visible)


_clean_cached = lru_cache(maxsize=65_536)(_clean)


def normalise(text: str) -> str:
    """Entities of HTML decoded, NFKC, no invisible characters, and every run of white space one space.

    >>> normalise("ｖａｓｅ\\u202e\\n 20\\u00a0cm"), normalise("Axis &amp;amp; Allies&trade;")
    ('vase 20 cm', 'Axis & AlliesTM')
    """
    if "&" in text:
        text = _without_entities(text)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = _INVISIBLE.sub("", text)
    composed = "".join([unicodedata.normalize("NFKC", chunk) for chunk in _chunks(visible)])
    return " ".join(_INVISIBLE.sub("", composed).split())


def folded(text: str) -> str:
    """The text without difference of case (Unicode's full case folding), for keys and for the model.

    So ß is ss, and a final sigma any other. The dot that folding leaves on İ goes; ı stays apart from i, as no rule
    without a language can tell.

    >>> folded("STRASSE") == folded("Straße"), folded("ΟΔΟΣ") == folded("οδος"), folded("İZMİR") == folded("izmir")
    (True, True, True)
    """
    if text.isascii():
        return text.lower()
    once = "".join([unicodedata.normalize("NFKC", chunk.casefold()) for chunk in _chunks(text)])
    return once.casefold().replace("i\u0307", "i")


def _without_entities(text: str) -> str:
    for _ in range(_ENCODED_AT_MOST):
        decoded = _ENTITY.sub(lambda match: unescape(match[0]), text)
        if decoded == text:
            break
        text = decoded
    return text


def _chunks(text: str) -> list[str]:
    return [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
