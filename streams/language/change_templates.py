"""Writes the values of a change's template in a language: the English names and formats, with that language's words."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from liveprofile.models import corpus
from liveprofile.profiles.facts.templates import FIELDS, ITEM_CHARS, Template, Values, Write
from liveprofile.profiles.facts.wording import topic_name
from liveprofile.streams.language import formats
from liveprofile.streams.language.words_of import term, words_of


@cache
def template_of(language: str, code: str) -> Template:
    """The template of a reason code. KeyError for a code or a language without one."""
    return Template(words_of(language)["change"][code], lambda field, form: _writer(language, field, form))


@cache
def corrected_inference(language: str) -> Template:
    """The template of a correction on a path other than `declared`."""
    return Template(part(language, "corrected_inference"), lambda field, form: _writer(language, field, form))


def part(language: str, name: str) -> str:
    """A part of messages, such as the parentheses around the value before."""
    return str(words_of(language)["part"][name])


def listed(names: Sequence[str], language: str) -> str:
    """Names as a list in a sentence."""
    return formats.listed(names, language) if names else part(language, "none")


def _writer(language: str, field: str, form: str) -> Write:
    """The function that writes a value in a format. KeyError for a value or a format that does not exist."""
    if form == "topics":
        name = FIELDS[field]
        return lambda values: _topics(name(values), values, language)
    write = _formats(language)[form]
    if field == "previously":
        form_of = part(language, "previously")
        return lambda values: form_of.format(value=write(values.before)) if values.before else ""
    own = _OWN.get(field)
    if own is not None:
        return lambda values: own(values, language)
    read = FIELDS[field]
    return lambda values: write(read(values))


def _formats(language: str) -> Mapping[str, Callable[[Any], str]]:
    """The formats of values by name, as in `profiles.facts.templates`."""
    return {
        "": lambda value: part(language, "none") if value is None else term(language, "value", value),
        "percent": lambda value: formats.percent(value, language),
        "money": lambda value: formats.amount(value, language),
        "number": lambda value: formats.number(value, language),
        "signed": lambda value: formats.signed(value, language),
        "names": lambda value: listed(value, language),
        "days": lambda value: term(language, "value", value),
        "declared": lambda value: _declared(value, language),
    }


def _declared(value: Mapping[str, Any], language: str) -> str:
    """A declared value: by its word, or that of a topic."""
    stated = str(next(iter(value.values())))
    return topic(stated, language) if "/" in stated else term(language, "declared", stated)


def topic(path: object, language: str) -> str:
    """The name of a topic: that of the language's vocabulary, or the end of its path.

    >>> topic("home/kitchen/cookware", "zh"), topic("家居/厨房/砂锅", "zh")
    ('锅具', '砂锅')
    """
    known = corpus.topics(language).get(str(path)) if language in corpus.LANGUAGES else None
    return known.label if known else topic_name(path)


def _topics(value: Any, values: Values, language: str) -> str:
    """Topics by name; by their whole paths where two of the change are named alike."""
    paths = _listing(value)
    among = {*paths, *_listing(values.before), *_listing(values.after)}
    alike = len({topic(path, language) for path in among}) < len(among)
    return listed([str(path).replace("_", " ") if alike else topic(path, language) for path in paths], language)


def _listing(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _in_place_of(values: Values, language: str) -> str:
    left = FIELDS["left"](values)
    return part(language, "in_place_of").format(names=listed(left, language)) if left else ""


def _item(values: Values, language: str) -> str:
    item = (values.after or values.before).get("item")
    return part(language, "item").format(item=item[:ITEM_CHARS]) if item else ""


def _because(values: Values, language: str) -> str:
    reasons = [reason(one.input, one.effect, language) or one.words for one in values.after.because]
    return part(language, "because").format(reasons=listed(reasons, language)) if reasons else ""


def reason(name: str, effect: float, language: str) -> str:
    """What an input does to a probability; empty for an input of another version."""
    words = words_of(language)["input"].get(name)
    return part(language, "raises" if effect > 0 else "lowers").format(input=words) if words else ""


def _attribute(values: Values, language: str) -> str:
    name = str(next(iter(values.after or values.before or ("attribute",))))
    return str(words_of(language)["attribute"].get(name, name.replace("_", " ")))


_OWN: Mapping[str, Callable[[Values, str], str]] = {
    "path": lambda values, language: term(language, "path", values.path),
    "scale": lambda values, language: term(language, "scale", values.path.removeprefix("interests.")),
    "prediction": lambda values, language: term(language, "prediction", values.path.removeprefix("predictions.")),
    "in_place_of": _in_place_of,
    "item": _item,
    "because": _because,
    "attribute": _attribute,
    "comparison": lambda values, _: values.comparison,
}
"""Values that are words of a language themselves."""
