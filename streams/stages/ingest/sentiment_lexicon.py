"""Sentiment lexicon: scores a review by its words in short lists of words of praise and of blame, by language.

The embedding of a review shows what it is about; these words show whether the product was liked (Hu and Liu, KDD
2004). Only the score leaves ingest.
"""

from math import log2

from liveprofile.streams.stages.ingest.words_by_language import ENGLISH, Words, languages_of, words_of

EVEN, STEP, MOST = 128, 32, 127
"""The neutral score; the step per doubling of praise over blame; the largest distance from neutral."""


def lexicon_score(text: str, language: str = ENGLISH) -> int:
    """The score of a text in lower case: 1 (all blame) to 255 (all praise); 128 for neither or for both alike.

    128 + 32 log2((1 + words of praise) / (1 + words of blame)). A negation turns the first such word of the next three
    into its opposite, unless a sign or a word such as "and" or "but" stands between them. `language` is the shop's;
    Chinese characters are read as Chinese in any shop.

    >>> [lexicon_score(text) for text in ("a great knife, works well", "not good at all and broke", "a knife", "")]
    [192, 77, 128, 128]
    >>> [lexicon_score(text) for text in ("it was not good and broke", "not good", "not bad, broke")]
    [77, 96, 128]
    >>> lexicon_score("质量很好,值得购买"), lexicon_score("质量不好,坏了"), lexicon_score("nicht gut", "de")
    (179, 77, 96)
    """
    praise = blame = 0
    for one in languages_of(text, language):
        more = _counts(text, words_of(one))
        praise, blame = praise + more[0], blame + more[1]
    away = round(STEP * log2((1 + praise) / (1 + blame)))
    return EVEN + min(max(away, -MOST), MOST)


def _counts(text: str, words: Words) -> tuple[int, int]:
    """How many words of praise and of blame the text has, each turned by a negation before it."""
    praise = blame = denies_for = 0
    for word in words.pattern.findall(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        if word in words.denies:
            denies_for = words.reach
            continue
        if word in words.praise or word in words.blame:
            if (word in words.praise) != (denies_for > 0):
                praise += 1
            else:
                blame += 1
            denies_for = 0
        else:
            denies_for = 0 if word in words.ends else max(0, denies_for - 1)
    return praise, blame
