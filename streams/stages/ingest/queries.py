"""Searches: the query's text and its specificity."""

import re
from typing import Any

from liveprofile.profiles.items.title_similarity import UNSPACED
from liveprofile.streams.contract.inputs import Search
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, EMPTY, clean
from liveprofile.streams.stages.ingest.words_by_language import ENGLISH, languages_of, words_of

MOST = 255
_WORD, _WORDS_MOST = 0.1, 0.4
_MODEL, _DIGITS, _QUOTED = 0.25, 0.1, 0.2
_FEW_RESULTS, _SOME_RESULTS = 0.15, 0.08
_FILTER, _FILTERS_MOST = 0.05, 0.15

_MODEL_NUMBER = re.compile(r"(?=[^\W\d_]{0,2}\d)(?=[\d-]{0,32}[^\W\d_])[^\W_][\w-]{2}|\d{4}")
"""Letters and digits in one word of three characters or more, as in gsr12v-35; or four digits in a row.

Repetitions are bounded, so that the search takes linear time: a match may begin anywhere in a word.
"""
_PHRASE = re.compile(r"\"[^\"]+\"|“[^“”]+”|«[^«»]+»|„[^„“”]+[“”]|「[^「」]+」|『[^『』]+』|《[^《》]+》")
"""No part may hold its own opening mark, so that the search takes linear time."""


def search_line(search: Search, language: str = ENGLISH) -> Line:
    """The line of a search in a shop of that language. RefusedError if the query has no visible character."""
    query = clean(search.query) if search.query else EMPTY
    if not query.key:
        raise RefusedError(Reason.NO_TEXT)
    text = query.key[:EMBEDDED_CHARS]
    return Line(text, query_specificity=specificity(text, search.results, search.filters, language))


def specificity(query: str, results: float | None = None, filters: Any = None, language: str = ENGLISH) -> int:
    """How specific a query is: 1 (one common word) to 255 (one product, found and filtered).

    1 + 254 times the sum, at most 1, of: 0.1 a word beyond the first, up to 0.4; 0.25 for a model number, or 0.1 for
    another digit; 0.2 for a quoted phrase; 0.15 for at most 10 results, or 0.08 for at most 100; 0.05 a
    filter, up to 0.15. Studies of product search use the same signs to distinguish targeted queries from broad ones
    (length, model numbers, the size of the result, filters); the weights are our own.

    Two characters of a script without spaces count as a word, and are no letters of a model number. Where the
    language's file has sizes, amounts and years, these count as digits only. `language` is the shop's.

    >>> specificity("vase"), specificity("red vase 20 cm", 12), specificity('bosch gsr12v-35 "l-boxx"', 3, {"new": 1})
    (1, 123, 217)
    >>> specificity("花瓶"), specificity("玻璃花瓶28cm"), specificity("博世gsr12v-35")
    (1, 77, 90)
    >>> specificity("topf 20cm", language="de")
    52
    """
    total = min(_WORD * (_words(query) - 1), _WORDS_MOST)
    if _MODEL_NUMBER.search(_without_sizes(query, language)):
        total += _MODEL
    elif any(map(str.isdigit, query)):
        total += _DIGITS
    total += _QUOTED if _PHRASE.search(query) else 0.0
    total += _scarce(results) + min(_FILTER * _filters(filters), _FILTERS_MOST)
    return 1 + round((MOST - 1) * min(max(total, 0.0), 1.0))


def _words(query: str) -> int:
    """Words between spaces, and one for every two characters of a script without spaces; at least one."""
    unspaced = 0 if query.isascii() else len(UNSPACED.findall(query))
    if not unspaced:
        return query.count(" ") + 1
    return max(1, len(UNSPACED.sub(" ", query).split()) + unspaced // 2)


def _without_sizes(query: str, language: str) -> str:
    """The query with spaces for characters of scripts without spaces, and for sizes where a language has a rule."""
    for one in languages_of(query, language):
        sizes = words_of(one).sizes
        query = sizes.sub(" ", query) if sizes else query
    return query if query.isascii() else UNSPACED.sub(" ", query)


def _scarce(results: float | None) -> float:
    """The part of few results; 0 for an impossible number."""
    if results is None or not results >= 0:
        return 0.0
    return _FEW_RESULTS if results <= 10 else _SOME_RESULTS if results <= 100 else 0.0


def _filters(filters: Any) -> int:
    """The number of filters, in any form that shops write."""
    if isinstance(filters, dict):
        return sum(1 for value in filters.values() if value not in (None, "", [], False))
    return len(filters) if isinstance(filters, list) else int(isinstance(filters, str) and bool(filters.strip()))
