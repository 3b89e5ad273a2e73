"""What routes answer with, for the description of the interface: the answer itself, and all problems there can be."""

from typing import Any

from litestar.openapi.datastructures import ResponseSpec

from liveprofile.streams.serve.api.problems import MEDIA_TYPE, TYPES, ProblemDetails


def answers(
    kind: Any, words: str, *, status: int = 200, media_type: str = "application/json"
) -> dict[int, ResponseSpec]:
    """The answers of a route by status."""
    found = {status: ResponseSpec(kind, description=words, media_type=media_type, generate_examples=False)}
    for each in sorted({one.status for one in TYPES.values()} - {405}):
        titles = "; ".join(one.title for one in TYPES.values() if one.status == each)
        found[each] = ResponseSpec(ProblemDetails, description=titles, media_type=MEDIA_TYPE, generate_examples=False)
    return found
