"""The labels of a profile's panel on a terminal, by their English words."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from liveprofile.profiles.facts.wording import topic_name
from liveprofile.streams.language import formats
from liveprofile.streams.language.change_templates import topic
from liveprofile.streams.language.words_of import ENGLISH, term, words_of


class Labels:
    """The labels of one language. What has no word in it stays English.

    >>> Labels("zh")("{count} events", count="12"), Labels("en")("{count} events", count="12")
    ('12次事件', '12 events')
    """

    __slots__ = ("_table", "language")

    def __init__(self, language: str) -> None:
        """KeyError for a language without words."""
        self.language = language
        self._table = {} if language == ENGLISH else words_of(language)["panel"]

    def __call__(self, english: str, /, **values: object) -> str:
        """A label with its values."""
        return str(self._table.get(english, english)).format(**values)

    def topic(self, path: object) -> str:
        """The name of a topic."""
        return topic_name(path) if self.language == ENGLISH else topic(path, self.language)

    def value(self, name: object) -> str:
        """The word for a band, a lifecycle state or a day."""
        return str(name) if self.language == ENGLISH else term(self.language, "value", name)

    def attribute(self, name: str) -> str:
        """The name of a declared attribute."""
        return name.replace("_", " ") if self.language == ENGLISH else term(self.language, "attribute", name)

    def stated(self, value: str) -> str:
        """A declared value: its word, or the name of a topic."""
        if self.language == ENGLISH:
            return value
        return topic(value, self.language) if "/" in value else term(self.language, "declared", value)

    def kind(self, name: object) -> str:
        """The word for a kind of anomaly."""
        return str(name) if self.language == ENGLISH else term(self.language, "kind", name)

    def ago(self, value: Any, now: datetime, english: Callable[[Any, datetime], str]) -> str:
        """How long ago; `english` writes it in English, and what is no time."""
        words = english(value, now)
        if self.language == ENGLISH or words in ("never", "just now"):
            return self(words)
        then = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value / 1000, UTC)
        return formats.ago((now - then).total_seconds(), self.language)


ENGLISH_LABELS = Labels(ENGLISH)
"""What the code has."""


@cache
def labels_of(language: str) -> Labels:
    """The labels of a language, made once."""
    return Labels(language)
