"""The tone of a review: how much its words praise, counted in short lists of English words of praise and of blame.

Where a review's embedding tells what it is about, these words tell whether it was liked (Hu and Liu, KDD 2004). Only
the one number goes on.
"""

import re
import tomllib
from importlib.resources import files
from math import log2

EVEN, STEP, MOST = 128, 32, 127
"""What says as much for as against; what doubles one over the other; the farthest that a tone is from even."""
REACH = 3
"""Words back that a word of denial is looked for."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LISTS = tomllib.loads(
    (files("liveprofile.streams.stages.ingest") / "sentiment_lexicon.toml").read_text(encoding="utf-8")
)
_DENIES, _PRAISE, _BLAME = (frozenset(_LISTS[name].split()) for name in ("denies", "praise", "blame"))


def tone(text: str) -> int:
    """1 (all blame) to 255 (all praise) of a text in lower case; 128 where it says neither, or both alike.

    128 + 32 log2((1 + words of praise) / (1 + words of blame)). A word counts as its opposite after a denial.

    >>> tone("a great knife, works well"), tone("it was not good at all and broke"), tone("a knife"), tone("")
    (192, 77, 128, 128)
    """
    words = _WORD.findall(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    praise = blame = 0
    for at, word in enumerate(words):
        if word not in _PRAISE and word not in _BLAME:
            continue
        denied = not _DENIES.isdisjoint(words[max(0, at - REACH) : at])
        if (word in _PRAISE) != denied:
            praise += 1
        else:
            blame += 1
    away = round(STEP * log2((1 + praise) / (1 + blame)))
    return EVEN + min(max(away, -MOST), MOST)
