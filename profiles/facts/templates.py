"""Message templates: a sentence with named values, parsed once and filled in for every change.

`{observed:percent}` is the value `observed` in the format `percent`; `FIELDS` and `FORMATS` list all names. An optional
value (`previously`, `item`, `because`, ...) includes its own punctuation, and is empty where the change has none.
"""

from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Any, NamedTuple

from liveprofile.profiles.facts.facts import Reason
from liveprofile.profiles.facts.wording import listed, money, number, percent, plain, signed, topic_names

ITEM_CHARS = 8
"""Digits of an item's key that are written: enough to distinguish the items of one profile."""
_SCALES = {"interests.session": "session", "interests.short": "short-term", "interests.long": "long-term"}
_PREDICTIONS = {
    "predictions.purchase.session": "a purchase in this session",
    "predictions.purchase.week": "a purchase within a week",
    "predictions.churn": "churn",
}


class Values(NamedTuple):
    """The values for a template."""

    path: str
    before: Any
    after: Any
    reason: Reason
    comparison: str
    """For segment rules: the comparison."""


Write = Callable[[Values], str]
"""A function that writes one part of a message from its values."""


class Template:
    """A sentence with named values.

    >>> from liveprofile.profiles.facts.facts import Code
    >>> values = Values("interests.long", [], ["home/pans"], Reason(Code.INTEREST_ENTERED, "", 0.2, 0.213), "")
    >>> Template("{entered:topics} entered {scale} interests: {observed:percent}.").fill(values)
    'pans entered long-term interests: 21.3%.'
    """

    __slots__ = ("_frame", "_writers", "text")

    def __init__(self, text: str, writer: Callable[[str, str], Write] | None = None) -> None:
        """`writer` gives the function that writes a value in a format; the English one by default."""
        self.text = text
        self._frame, self._writers = _parse(text, writer or _writer)

    def fill(self, values: Values) -> str:
        """The message."""
        return self._frame % tuple([write(values) for write in self._writers])


def _parse(text: str, writer: Callable[[str, str], Write]) -> tuple[str, tuple[Write, ...]]:
    """The text with `%s` for each value, and the functions that write the values.

    KeyError for a value or a format that does not exist.

    >>> _parse("100% of {scale} interests", _writer)[0]
    '100%% of %s interests'
    """
    frame, writers = "", []
    for literal, field, form, _ in Formatter().parse(text):
        frame += literal.replace("%", "%%")
        if field is not None:
            frame += "%s"
            writers.append(writer(field, form or ""))
    return frame, tuple(writers)


def _writer(field: str, form: str) -> Write:
    """The function that writes a value in a format."""
    if form == "topics":
        name = FIELDS[field]
        return lambda values: _topics(name(values), values)
    write = FORMATS[form]
    if field == "previously":
        return lambda values: f" (previously {write(values.before)})" if values.before else ""
    read = FIELDS[field]
    return lambda values: write(read(values))


def _entered(values: Values) -> list[Any]:
    return [name for name in values.after if name not in values.before]


def _left(values: Values) -> list[Any]:
    return [name for name in values.before if name not in values.after]


def _in_place_of(values: Values) -> str:
    left = _left(values)
    return f" in place of {listed(left)}" if left else ""


def _slot(values: Values) -> Mapping[str, Any]:
    """The slot that opened, or the one that closed."""
    slot: Mapping[str, Any] = values.after or values.before
    return slot


def _item(values: Values) -> str:
    item = _slot(values).get("item")
    return f" (item {item[:ITEM_CHARS]})" if item else ""


def _because(values: Values) -> str:
    """The inputs with the largest effects on a score, as `Contribution` describes them."""
    words = [one.words for one in values.after.because]
    return f"; {listed(words)}" if words else ""


def _attribute(values: Values) -> str:
    """The attribute that a declaration is about; a withdrawal of what was never declared does not name it."""
    return str(next(iter(values.after or values.before or ("attribute",)))).replace("_", " ")


def _topics(value: Any, values: Values) -> str:
    """Topics by name, distinct from the other topics of the change."""
    return topic_names(_listing(value), [*_listing(values.before), *_listing(values.after)])


def _listing(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


FIELDS: Mapping[str, Callable[[Values], Any]] = {
    "path": lambda values: values.path,
    "before": lambda values: values.before,
    "after": lambda values: values.after,
    "observed": lambda values: values.reason.observed,
    "threshold": lambda values: values.reason.threshold,
    "comparison": lambda values: values.comparison,
    "entered": _entered,
    "left": _left,
    "in_place_of": _in_place_of,
    "scale": lambda values: _SCALES[values.path],
    "prediction": lambda values: _PREDICTIONS[values.path],
    "before_band": lambda values: values.before["band"],
    "after_band": lambda values: values.after.band,
    "because": _because,
    "slot": lambda values: _slot(values)["slot"],
    "topic": lambda values: _slot(values)["topic"],
    "item": _item,
    "attribute": _attribute,
    "version": lambda values: values.reason.rule.rpartition("@")[2],
}
"""The values of templates by name; besides, `previously` is `before` in parentheses, or empty."""

FORMATS: Mapping[str, Callable[[Any], str]] = {
    "": plain,
    "percent": percent,
    "money": money,
    "number": number,
    "signed": signed,
    "names": listed,
    "days": lambda value: f"{plain(value)}s",
    "declared": lambda value: plain(next(iter(value.values()))),
}
"""The formats of values by name; besides, `topics` keeps the topics of one change distinct."""
