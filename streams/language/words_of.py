"""The words of a language: its file of templates and names, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

ENGLISH = "en"
"""The language of the templates in the code, and of records unless a shop sets another."""
WRITTEN = ("de", "zh")
"""The languages with a file of their own."""
LANGUAGES = tuple(sorted((ENGLISH, *WRITTEN)))
"""The languages of messages, by ISO 639-1."""

Words = Mapping[str, Any]


@cache
def words_of(language: str) -> Words:
    """The tables of a language's file. KeyError for a language without one."""
    if language not in WRITTEN:
        raise KeyError(f"no messages in {language!r}: there are {', '.join(WRITTEN)}")
    file = files("liveprofile.streams.language") / "words" / f"{language}.toml"
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))


def term(language: str, table: str, name: object) -> str:
    """The word for a name of a table; the name itself where the table has none, such as that of a shop's segment.

    >>> term("de", "value", "weekend"), term("de", "value", "gold-members")
    ('Wochenenden', 'gold-members')
    """
    return str(words_of(language)[table].get(str(name), name))
