"""What every reason code means: from the text beneath it, or from the trait that declares it."""

from collections.abc import Mapping

from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.traits.registry import REASONS
from liveprofile.streams.settings.docstrings import field_texts


def code_meanings() -> Mapping[str, str]:
    """Every reason code with its meaning, in the order of `Code`.

    >>> code_meanings()["DISCOUNTS_ROSE"]
    'A larger share of the list prices is saved.'
    """
    texts = field_texts(Code)
    return {code: REASONS[code].meaning if code in REASONS else texts[code] for code in Code}
