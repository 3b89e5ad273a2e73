"""Names that look like a known one: `titel`, `itemId`, `timestamp`. A closed rule, so that no name of anybody leaks.

Two names are near if they are the same without case and separators, if the closed list `SYNONYMS` says so, or if few
edits (Damerau-Levenshtein, with transpositions of neighbours) lead from one to the other.
"""

import re
from collections.abc import Collection
from functools import lru_cache

MOST_EDITS = 2
SHORT = 5
"""A name of so many letters is near by one edit only."""
LEAST = 4
"""Shorter names are near to too much: they are compared without case and separators only."""
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,31}")
"""A name that can be written into a log."""
SYNONYMS = {
    "timestamp": ("ts",),
    "time": ("ts",),
    "datetime": ("ts",),
    "eventtime": ("ts",),
    "createdat": ("ts",),
    "occurredat": ("ts",),
    "user": ("user_id",),
    "customerid": ("user_id",),
    "customer": ("user_id",),
    "visitorid": ("anonymous_id",),
    "cookieid": ("anonymous_id",),
    "session": ("session_id",),
    "sid": ("session_id",),
    "sku": ("item_id",),
    "product": ("item_id", "title"),
    "productid": ("item_id",),
    "productname": ("title",),
    "itemname": ("title",),
    "name": ("title",),
    "qty": ("quantity",),
    "count": ("quantity",),
    "amount": ("total", "price"),
    "unitprice": ("price",),
    "cost": ("price",),
    "currencycode": ("currency",),
    "ipaddress": ("ip",),
    "q": ("query",),
    "searchterm": ("query",),
    "term": ("query",),
    "keywords": ("query",),
    "products": ("items",),
    "lines": ("items",),
    "rating": ("stars",),
    "comment": ("text",),
    "ordernumber": ("order_id",),
    "transactionid": ("order_id",),
}
"""Known fields by another name for the same, without case and separators; the first that an input has counts."""


def near(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that an unknown one looks like; None if it looks like none, or is no short ASCII identifier.

    >>> near("titel", ("title", "item_id")), near("itemId", ("title", "item_id")), near("colour", ("title",))
    ('title', 'item_id', None)
    """
    return _near(name, known) if IDENTIFIER.fullmatch(name) else None


@lru_cache(maxsize=4096)
def _near(name: str, known: tuple[str, ...]) -> str | None:
    bare = _bare(name)
    for one in known:
        if bare == _bare(one):
            return one
    for synonym in SYNONYMS.get(bare, ()):
        if synonym in known:
            return synonym
    found = [(edits(bare, _bare(one)), one) for one in known if _comparable(bare, _bare(one))]
    close = [(count, one) for count, one in found if count <= _allowed(bare, _bare(one))]
    return min(close)[1] if close else None


def missing(present: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The known names that are not present: what is there already was not meant by another name."""
    return tuple(one for one in known if one not in present)


def edits(one: str, other: str) -> int:
    """Insertions, deletions, substitutions and transpositions of neighbours from one to the other.

    The optimal string alignment distance, see Damerau, CACM 7 (1964).

    >>> edits("titel", "title"), edits("itms", "items"), edits("colour", "title")
    (1, 1, 6)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, right in enumerate(other, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


def _bare(name: str) -> str:
    return re.sub(r"[_.-]", "", name).lower()


def _comparable(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= LEAST and abs(len(one) - len(other)) <= MOST_EDITS


def _allowed(one: str, other: str) -> int:
    return 1 if min(len(one), len(other)) <= SHORT else MOST_EDITS
