"""Heads of activities, layout 2 to 3: `wording`, which had two meanings, becomes a field for each of them."""

from typing import Any

import numpy.typing as npt

SEARCH, REVIEW = 7, 10
"""Actions as layout 2 has them."""


def split_wording(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> None:
    """Split into the specificity of a query and the tone of a review, by the action."""
    searches, reviews = old["action"] == SEARCH, old["action"] == REVIEW
    new["query_specificity"][searches] = old["wording"][searches]
    new["review_tone"][reviews] = old["wording"][reviews]
