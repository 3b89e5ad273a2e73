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
"""Number of words that a negation reaches, in its part of the sentence."""

_WORD_OR_SIGN = re.compile(r"[a-z]+(?:'[a-z]+)?|[.,;:!?()\n]")
_ENDS = frozenset((*".,;:!?()\n", "and", "but", "yet", "though", "although", "however", "because", "while"))
"""What ends the part of a sentence that a negation is about."""
_LISTS = tomllib.loads(
    (files("liveprofile.streams.stages.ingest") / "sentiment_lexicon.toml").read_text(encoding="utf-8")
)
_DENIES, _PRAISE, _BLAME = (frozenset(_LISTS[name].split()) for name in ("denies", "praise", "blame"))


def lexicon_score(text: str) -> int:
    """The score of a text in lower case: 1 (all blame) to 255 (all praise); 128 for neither or for both alike.

    128 + 32 log2((1 + words of praise) / (1 + words of blame)). A negation turns the first such word of the next three
    into its opposite, unless a sign or a word such as "and" or "but" stands between them.

    >>> [lexicon_score(text) for text in ("a great knife, works well", "not good at all and broke", "a knife", "")]
    [192, 77, 128, 128]
    >>> [lexicon_score(text) for text in ("it was not good and broke", "not good", "not bad, broke")]
    [77, 96, 128]
    """
    praise = blame = denies_for = 0
    for word in _WORD_OR_SIGN.findall(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        if word in _DENIES:
            denies_for = REACH
            continue
        if word in _PRAISE or word in _BLAME:
            if (word in _PRAISE) != (denies_for > 0):
                praise += 1
            else:
                blame += 1
            denies_for = 0
        else:
            denies_for = 0 if word in _ENDS else max(0, denies_for - 1)
    away = round(STEP * log2((1 + praise) / (1 + blame)))
    return EVEN + min(max(away, -MOST), MOST)
