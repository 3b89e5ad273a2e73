"""Which language a reader wants: by name, or by the languages that a browser accepts."""

from liveprofile.streams.language.words_of import LANGUAGES

_MOST_ACCEPTED = 32
"""Languages of a header that are looked at."""


def accepted(header: str) -> str | None:
    """The first language with messages among those of an Accept-Language header (RFC 9110), by weight; None for none.

    >>> accepted("fr-CH, zh-Hans-CN;q=0.9, en;q=0.8"), accepted("*"), accepted("en;q=0, de-AT;q=0.1")
    ('zh', None, 'de')
    """
    weighted = [_weighted(part) for part in header.split(",")[:_MOST_ACCEPTED]]
    best_first = sorted((one for one in weighted if one[0] > 0), key=lambda one: -one[0])
    return next((found for _, tag in best_first if (found := known(tag)) is not None), None)


def known(tag: str) -> str | None:
    """The language of a tag such as zh-Hans-CN or de_AT (BCP 47), if there are messages in it.

    >>> known("zh-TW"), known("de_AT.UTF-8"), known("fr")
    ('zh', 'de', None)
    """
    language = tag.strip().lower().replace("_", "-").partition("-")[0].partition(".")[0]
    return language if language in LANGUAGES else None


def _weighted(part: str) -> tuple[float, str]:
    """Weight and tag of one language of the header; weight 0 for what is not valid."""
    tag, _, weight = part.partition(";")
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0, tag
    try:
        return (min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 0.0), tag
    except ValueError:
        return 0.0, tag
