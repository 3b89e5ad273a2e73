"""Free text, made safe and uniform: normalised, without invisible characters, without personal data, bounded."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from liveprofile.streams.contract.inputs import MAX_TEXT_CHARS
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.contract.scrub import scrub

EMBEDDED_CHARS = 1000
"""What is embedded of a text; the model reads fewer words than that."""
KEPT_TITLE_CHARS = 500
"""What an activity carries of a text, for people."""
KEPT_CHARS = 4096
"""What is kept of a long text."""
_READ_CHARS = 4 * KEPT_CHARS
"""What is normalised and scrubbed of it, so that what is kept is scrubbed well beyond its end."""
_EDGE_CHARS = 64
"""What is dropped where the reading broke off: half a card number does not look like one."""
CACHED_CHARS = 512
"""Longer texts are cleaned anew each time, so that they cannot fill the memory."""
_CHUNK = 256
"""NFKC sorts runs of combining marks in quadratic time; in pieces of this size a hostile run stays cheap."""

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but for those that are white space
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidirectional overrides and isolates
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # fillers, variation selectors, byte order mark
    "\ud800-\udfff"  # lone surrogates
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical controls, tags
    "]+"
)


class Clean(NamedTuple):
    """A cleaned text as people read it, and its lower-case form, which is what is embedded and cached."""

    text: str
    key: str
    scrubbed: bool


EMPTY = Clean("", "", False)


def clean(raw: str) -> Clean:
    """Normalise, scrub and bound one text. RefusedError if it is longer than any honest text.

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
    return Clean(text, text.lower(), scrubbed != visible)


_clean_cached = lru_cache(maxsize=65_536)(_clean)


def normalise(text: str) -> str:
    """NFKC, no invisible characters, and every run of white space one space.

    >>> normalise("ｖａｓｅ\\u202e\\n 20\\u00a0cm")
    'vase 20 cm'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = _INVISIBLE.sub("", text)
    composed = "".join([unicodedata.normalize("NFKC", chunk) for chunk in _chunks(visible)])
    return " ".join(_INVISIBLE.sub("", composed).split())


def _chunks(text: str) -> list[str]:
    return [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
