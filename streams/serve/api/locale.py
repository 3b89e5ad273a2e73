"""The language that an answer's messages are in: by ?locale=, by Accept-Language, else as the records have them."""

from typing import Annotated, Any

import orjson
from litestar import Request
from litestar.params import QueryParameter

from liveprofile.streams.language.choose import accepted, known
from liveprofile.streams.language.records import translated
from liveprofile.streams.language.words_of import LANGUAGES
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.service import Service

Locale = Annotated[
    str | None,
    QueryParameter(
        description="Language of the messages, such as zh or de-AT; by Accept-Language without it. A message that "
        "cannot be made in it stays as the record has it.",
        max_length=64,
    ),
]
VARY = {"Vary": "Accept-Language"}
"""Headers of an answer with messages: caches keep one for each language."""


def language_of(request: Request[Any, Any, Any], service: Service, locale: str | None) -> str | None:
    """The language to make messages in; None where the records have them so. A ProblemError for an unknown locale."""
    if locale is not None:
        chosen = known(locale)
        if chosen is None:
            raise ProblemError("bad-request", f"locale has no messages: there are some in {', '.join(LANGUAGES)}.")
    else:
        chosen = accepted(request.headers.get("accept-language", ""))
    return None if chosen == service.settings.language else chosen


def record_in(value: bytes, language: str | None) -> bytes:
    """A record in a language; the very bytes where it stays."""
    return value if language is None else orjson.dumps(translated(orjson.loads(value), language))


def in_language(record: dict[str, Any], language: str | None) -> dict[str, Any]:
    """The same for a decoded record."""
    return record if language is None else translated(record, language)
