"""Heads of activities, layout 2 to 3: `wording`, which had two meanings, becomes a field for each of them."""

from typing import Any

import numpy.typing as npt

SEARCH, REVIEW = 7, 10
"""Actions as layout 2 has them."""


def split_wording(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> None:
    """How exact a query is, and how much a review praises: by what the shopper did."""
    searches, reviews = old["action"] == SEARCH, old["action"] == REVIEW
    new["query_specificity"][searches] = old["wording"][searches]
    new["review_tone"][reviews] = old["wording"][reviews]
