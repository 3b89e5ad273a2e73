"""Reviews: the text is embedded under the product's category and scored by the sentiment lexicon; it is not stored."""

import msgspec

from liveprofile.streams.contract.inputs import Review
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.fields import product_line
from liveprofile.streams.stages.ingest.money import to_minor
from liveprofile.streams.stages.ingest.sentiment_lexicon import lexicon_score
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, EMPTY, clean
from liveprofile.streams.stages.ingest.words_by_language import ENGLISH

FEWEST_STARS, MOST_STARS = 1, 5


def review_line(review: Review, language: str = ENGLISH) -> Line:
    """The line of a review in a shop of that language. RefusedError if it has neither stars nor words."""
    words = clean(review.text) if review.text else EMPTY
    stars = _tenths(review.stars)
    if not words.key and not stars:
        raise RefusedError(Reason.EMPTY_REVIEW)
    product = product_line(review, to_minor(review.price, "price"))
    review_tone = lexicon_score(words.key, language) if words.key else 0
    return msgspec.structs.replace(product, text=words.key[:EMBEDDED_CHARS], stars=stars, review_tone=review_tone)


def _tenths(stars: float | None) -> int:
    """Stars times ten; 0 for none: forms without stars send 0."""
    if not stars:
        return 0
    if not FEWEST_STARS <= stars <= MOST_STARS:
        raise RefusedError(
            Reason.OUT_OF_RANGE,
            f"stars are not valid; they must lie between {FEWEST_STARS} and {MOST_STARS}.",
        )
    return round(10 * stars)
