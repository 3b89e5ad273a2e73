"""The input records of the contract. Unknown fields are dropped."""

from liveprofile.streams.contract.inputs.clicks import Click
from liveprofile.streams.contract.inputs.common import MAX_ID_CHARS, MAX_ITEMS, MAX_RECORD_BYTES, MAX_TEXT_CHARS
from liveprofile.streams.contract.inputs.declarations import Declaration
from liveprofile.streams.contract.inputs.feedback import Feedback
from liveprofile.streams.contract.inputs.purchases import Item, Purchase
from liveprofile.streams.contract.inputs.reviews import Review
from liveprofile.streams.contract.inputs.searches import Search
from liveprofile.streams.contract.inputs.ubi import UBI_DECODER, Ubi, UbiAttributes, UbiObject

__all__ = [
    "INPUTS",
    "MAX_ID_CHARS",
    "MAX_ITEMS",
    "MAX_RECORD_BYTES",
    "MAX_TEXT_CHARS",
    "UBI_DECODER",
    "Click",
    "Declaration",
    "Feedback",
    "Input",
    "Item",
    "Purchase",
    "Review",
    "Search",
    "Ubi",
    "UbiAttributes",
    "UbiObject",
    "input_kind",
]

Input = Click | Search | Purchase | Review | Feedback | Declaration

INPUTS: dict[str, type[Input]] = {
    "clicks": Click,
    "searches": Search,
    "purchases": Purchase,
    "reviews": Review,
    "feedback": Feedback,
    "declarations": Declaration,
}
"""Structs by input topic."""


def input_kind(topic: str) -> str:
    """The contract's input that a topic carries; its name may have a prefix. ValueError for another topic.

    >>> input_kind("test7-clicks")
    'clicks'
    """
    for kind in INPUTS:
        if topic.endswith(kind):
            return kind
    raise ValueError(f"topic {topic!r} is no input: its name has to end in one of {', '.join(INPUTS)}.")
