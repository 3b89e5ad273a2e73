"""Normalises category paths to one spelling: lower case, words joined by '-', levels by '/'."""

import re
import unicodedata
from functools import lru_cache

from liveprofile.streams.contract.placeholders import Field, kind_of
from liveprofile.streams.stages.ingest.text import CACHED_CHARS, clean

MAX_PATH_BYTES = 64
_SEPARATORS = (">", "»", "›", "→", "::", "|", "\\", "/")
"""Separators of levels, the most specific first: in 'Electronics > TV/Video' the slash belongs to a name."""
_NOT_WORD = re.compile(r"[\W_]+")
_KEPT = frozenset("LMN")
"""Letters, marks and numbers by Unicode's general category: without its marks a word of Hindi or Thai is another."""


def category_path(raw: str) -> str | None:
    """The path of a category, at most MAX_PATH_BYTES of UTF-8; None if nothing remains.

    >>> category_path("Home > Kitchen & Dining"), category_path("appliances.environment.water_heater")
    ('home/kitchen-dining', 'appliances/environment/water-heater')
    >>> category_path("किताबें > हिन्दी"), category_path("Home > (not set)")
    ('किताबें/हिन्दी', 'home')
    """
    return _path_cached(raw) if len(raw) <= CACHED_CHARS else _path(raw)


def _path(raw: str) -> str | None:
    cleaned = clean(raw).key
    if "[" in cleaned:  # a placeholder of the scrubber: personal data, not a category
        return None
    slugs = [_slug(level) for level in _levels(cleaned) if kind_of(level, Field.CATEGORY) is None]
    return _fitting([slug for slug in slugs if kind_of(slug, Field.CATEGORY) is None]) or None


_path_cached = lru_cache(maxsize=16_384)(_path)


def _levels(path: str) -> list[str]:
    for separator in _SEPARATORS:
        if separator in path:
            return path.split(separator)
    return [path] if " " in path else path.split(".")


def _slug(level: str) -> str:
    if level.isascii():
        return _NOT_WORD.sub("-", level).strip("-")
    kept = [char if unicodedata.category(char)[0] in _KEPT else " " for char in level]
    return "-".join("".join(kept).split())


def _fitting(slugs: list[str]) -> str:
    """The leading levels that fit; a first level that does not fit is cut."""
    path = ""
    for slug in slugs:
        longer = f"{path}/{slug}" if path else slug
        if len(longer.encode()) > MAX_PATH_BYTES:
            break
        path = longer
    return path or (slugs[0].encode()[:MAX_PATH_BYTES].decode("utf-8", "ignore") if slugs else "")
