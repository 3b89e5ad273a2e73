"""Sentiment lexicon: scores a review by its words in short lists of English words of praise and of blame.

The embedding of a review shows what it is about; these words show whether the product was liked (Hu and Liu, KDD
2004). Only the score leaves ingest.
"""

import re
import tomllib
from importlib.resources import files
from math import log2

EVEN, STEP, MOST = 128, 32, 127
"""The neutral score; the step per doubling of praise over blame; the largest distance from neutral."""
REACH = 3
"""Number of preceding words that are searched for a negation."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LISTS = tomllib.loads(
    (files("liveprofile.streams.stages.ingest") / "sentiment_lexicon.toml").read_text(encoding="utf-8")
)
_DENIES, _PRAISE, _BLAME = (frozenset(_LISTS[name].split()) for name in ("denies", "praise", "blame"))


def lexicon_score(text: str) -> int:
    """The score of a text in lower case: 1 (all blame) to 255 (all praise); 128 for neither or for both alike.

    128 + 32 log2((1 + words of praise) / (1 + words of blame)). A word counts as its opposite after a negation.

    >>> [lexicon_score(text) for text in ("a great knife, works well", "not good at all and broke", "a knife", "")]
    [192, 77, 128, 128]
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
