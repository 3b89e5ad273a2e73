"""Rules in words: every comparison by the meaning of its feature."""

from collections.abc import Sequence

from liveprofile.profiles.segments.features import ANOMALY, FEATURES, KEYED
from liveprofile.profiles.segments.lowered import (
    AND,
    AT_LEAST,
    AT_MOST,
    EQUAL,
    LESS,
    MORE,
    NOT,
    NOT_EQUAL,
    Lowered,
)
from liveprofile.profiles.traits.trait import Feature

_WORDS = {
    LESS: "below",
    AT_MOST: "at most",
    MORE: "above",
    AT_LEAST: "at least",
    EQUAL: "exactly",
    NOT_EQUAL: "other than",
}
_TIMES = (("days", 1.0), ("hours", 24.0), ("minutes", 1440.0))
_SESSION, _RECENT, _CHANCE = "session.", "recent.", "chance."


def program_words(program: Sequence[int], lowered: Lowered) -> str:
    """A program as a sentence without its end; sides of `or` within `and` stand in brackets."""
    stack: list[tuple[str, int]] = []
    for code in program:
        if code >= 0:
            stack.append((atom_words(code, lowered), 0))
        elif code == NOT:
            text, _ = stack.pop()
            stack.append((f"not ({text})", 0))
        else:
            right, left = stack.pop(), stack.pop()
            word = "and" if code == AND else "or"
            stack.append((f"{_within(left, code)} {word} {_within(right, code)}", code))
    return stack.pop()[0] if stack else ""


def atom_words(at: int, lowered: Lowered) -> str:
    """One comparison: meaning, operator, constant, unit."""
    place, operator, constant = lowered.atoms[at]
    value = lowered.constant_words(place, constant)
    if place >= len(FEATURES):
        shown = lowered.lookup_names[place - len(FEATURES)]
        name, _, key = shown[:-2].partition('["')
        if lowered.lookups[place - len(FEATURES)].what == ANOMALY:
            is_open = bool(constant) == (operator == EQUAL)
            return f"an anomaly of the kind {key} is{'' if is_open else ' not'} open"
        meaning = next(one.meaning for one in KEYED if one.name == name).partition(",")[0].rstrip(".")
        return f"{_lower(meaning)} ({key}) {_WORDS[operator]} {value}"
    feature = FEATURES[place]
    if feature.values or lowered.values_of(place):
        return f"{_meaning(feature)} is {'' if operator == EQUAL else 'not '}{value.strip(chr(34))}"
    return f"{_meaning(feature)} {_WORDS[operator]} {_amount(constant, feature.unit)}"


def _meaning(feature: Feature) -> str:
    """What a feature is, within a sentence."""
    text = feature.meaning
    for end in (":", ";", ", measured", ", -1 to 1", ", 0 to 1"):
        text = text.partition(end)[0]
    text = _lower(text.rstrip("."))
    if feature.name.startswith(_SESSION):
        return text.replace("in it", "in the session")
    if feature.name.startswith(_CHANCE):
        return f"the chance {text}"
    return f"recent {text}" if feature.name.startswith(_RECENT) or feature.name == "spend.recent" else text


def _amount(number: float, unit: str) -> str:
    """A constant with its unit, a time in the largest one in which it is 1 or more.

    >>> _amount(1 / 24, "days"), _amount(30.0, "days"), _amount(2.0, "own gaps"), _amount(5.0, "orders")
    ('1 hour', '30 days', '2 usual gaps', '5')
    """
    if unit == "own gaps":
        return f"{number:g} usual gap{'' if number == 1 else 's'}"
    if unit != "days":
        return f"{number:g}"
    name, factor = next((one for one in _TIMES if number * one[1] >= 0.999), _TIMES[-1])
    shown = round(number * factor, 2)
    return f"{shown:g} {name[:-1] if shown == 1 else name}"


def _within(side: tuple[str, int], code: int) -> str:
    text, of = side
    return f"({text})" if of and of != code else text


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
