"""The words of each language by which reviews and queries are judged, and which language a text is judged in.

Each file of the folder `words` is a language: adding one needs no code.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from liveprofile.profiles.items.title_similarity import UNSPACED

ENGLISH, CHINESE = "en", "zh"
SIGNS = ".,;:!?()\n"
"""Signs that end a part of a sentence, after NFKC; and those that NFKC leaves as they are."""
_MORE_SIGNS = "\u3001\u3002"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words, in lower case."""

    pattern: re.Pattern[str]
    """Finds the next word or sign of a text."""
    reach: int
    """Words that a negation reaches, in its part of the sentence; characters, in scripts without spaces."""
    denies: frozenset[str]
    """Words after which a word means its opposite."""
    ends: frozenset[str]
    """What ends the part of a sentence that a negation is about."""
    praise: frozenset[str]
    blame: frozenset[str]
    sizes: re.Pattern[str] | None
    """Sizes, amounts and years, which are no product numbers though they have digits and letters."""


def languages_of(text: str, shop: str = ENGLISH) -> Iterator[str]:
    """The languages that a text may hold: the shop's, and Chinese where it has characters of a script without spaces.

    A shop that speaks Chinese gets English for what is written in Latin letters.

    >>> list(languages_of("gut", "de")), list(languages_of("很好", "de")), list(languages_of("很好 good", "zh"))
    (['de'], ['de', 'zh'], ['en', 'zh'])
    """
    yield ENGLISH if shop == CHINESE else shop
    if not text.isascii() and UNSPACED.search(text):
        yield CHINESE


@cache
def words_of(language: str) -> Words:
    """The words of a language. FileNotFoundError for one without a file."""
    path = files("liveprofile.streams.stages.ingest") / "words" / f"{language}.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    denies, ends, praise, blame = (frozenset(table[name].split()) for name in ("denies", "ends", "praise", "blame"))
    signs = SIGNS if table["spaced"] else SIGNS + _MORE_SIGNS
    pattern = f"{table['word']}|[{signs}]" if table["spaced"] else _longest({*denies, *ends, *praise, *blame})
    sizes = table["sizes"].strip()
    return Words(
        re.compile(pattern, re.DOTALL),
        table["reach"],
        denies,
        ends | frozenset(signs),
        praise,
        blame,
        re.compile(sizes) if sizes else None,
    )


def _longest(words: set[str]) -> str:
    """A pattern that takes the longest word at each place, or one character: a text without spaces names no borders."""
    return "|".join([*sorted(map(re.escape, words), key=lambda word: (-len(word), word)), "."])


words_of(ENGLISH)
"""Read once here, so that the first text does not wait for a file."""
