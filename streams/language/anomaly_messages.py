"""The reading and the message of an anomaly in a language, made anew from its kind, its state and its signals."""

from collections.abc import Callable, Mapping
from typing import Any

from liveprofile.profiles.anomalies.messages import READINGS
from liveprofile.profiles.anomalies.named import shipped_rules
from liveprofile.profiles.facts.reasons import anomaly_message
from liveprofile.streams.language.change_templates import listed
from liveprofile.streams.language.formats import fixed, percent, plural
from liveprofile.streams.language.words_of import ENGLISH, term, words_of

Signals = Mapping[str, float]


def anomaly_texts(record: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Reading and message of a step of an anomaly as it is in a record; both empty where they cannot be made.

    >>> signals = {"events_last_minute": 31.0}
    >>> step = {"kind": "velocity", "state": "raised", "severity": 60, "rule": None, "contributions": signals}
    >>> anomaly_texts(step, "de")[1]
    'Anomalie „Tempo“ wurde gemeldet, Schwere 60: 31 Ereignisse in etwa einer Minute: ein Schub, oder keine Person.'
    """
    try:
        reading = _reading(record, language)
        return reading, _message(record, reading, language)
    except (KeyError, TypeError, ValueError, AttributeError):
        return "", ""


def _message(record: Mapping[str, Any], reading: str, language: str) -> str:
    state, kind, rule, severity = record["state"], record["kind"], record.get("rule"), record["severity"]
    if language == ENGLISH:
        return anomaly_message(state, kind, rule, severity, reading)
    name = f"{term(language, 'kind', kind)} {rule}" if rule else term(language, "kind", kind)
    end = "。" if language == "zh" else "."
    ended = reading if reading[-1:] in (".", "?", "\uff1f") else reading + end
    return str(words_of(language)["step"][state]).format(kind=name, severity=severity, reading=ended)


def _reading(record: Mapping[str, Any], language: str) -> str:
    kind, signals = str(record["kind"]), record["contributions"]
    if language == ENGLISH:
        return _english(record, kind, signals)
    if record["state"] == "cleared":
        return _phrase(language, "back", kind=term(language, "kind", kind))
    if kind == "rule":
        return str(words_of(language)["rule"][record["rule"]])
    return _READINGS[kind](signals, language)


def _english(record: Mapping[str, Any], kind: str, signals: Signals) -> str:
    if record["state"] == "cleared":
        return f"{kind} is back to usual"
    if kind == "rule":
        return next(one.meaning for one in shipped_rules() if one.name == record["rule"])
    return READINGS[kind](dict(signals))


def _phrase(language: str, name: str, number: float = 0, /, **values: str) -> str:
    """A phrase with its values; in the plural form of `number` where it has forms."""
    found = words_of(language)["reading"][name]
    if not isinstance(found, str):
        found = found.get(plural(number, language), found["other"])
    return str(found).format(**values)


def _velocity(signals: Signals, language: str) -> str:
    events = round(signals["events_last_minute"])
    return _phrase(language, "velocity", events, events=fixed(events, 0, language))


def _spend(signals: Signals, language: str) -> str:
    if not signals["order"]:
        return _phrase(language, "spend_unknown")
    return _phrase(
        language,
        "spend",
        order=fixed(signals["order"], 2, language),
        usual=fixed(signals["usual_order"], 2, language),
        deviations=fixed(signals["robust_z"], 1, language),
    )


def _drift(signals: Signals, language: str) -> str:
    new, distance = _whole_percent(signals["new_topics"], language), fixed(signals["distance"], 2, language)
    return _phrase(language, "interest-drift", new=new, distance=distance)


def _bot(signals: Signals, language: str) -> str:
    pages = round(signals["pages"])
    gap = fixed(signals["seconds_between"], 1, language)
    return _phrase(language, "bot-like", pages, pages=fixed(pages, 0, language), gap=gap)


def _strange(signals: Signals, language: str) -> str:
    """The new places, and the actions taken from there."""
    names = ("device", "network", "country")
    new = [term(language, "place", name) for name in names if signals[f"new_{name}"]]
    places = _phrase(language, "at_home")
    if new:
        places = _phrase(language, "several_new" if len(new) > 1 else "one_new", places=listed(new, language))
    count = round(signals["orders"])
    orders = _phrase(language, "orders", count, count=fixed(count, 0, language)) if count else ""
    return _phrase(
        language, "strange", places=places, new=_whole_percent(signals["new_topics"], language), orders=orders
    )


def _payment(signals: Signals, language: str) -> str:
    payments = round(signals["failed_payments"])
    return _phrase(language, "payment", payments, payments=fixed(payments, 0, language))


def _dormant(signals: Signals, language: str) -> str:
    deviations = fixed(signals["sleep"], 1, language)
    return _phrase(language, "dormant", deviations=deviations, strange=_strange(signals, language))


def _whole_percent(share: float, language: str) -> str:
    return percent(round(share, 2), language)


_READINGS: Mapping[str, Callable[[Signals, str], str]] = {
    "velocity": _velocity,
    "spend": _spend,
    "interest-drift": _drift,
    "bot-like": _bot,
    "identity": lambda signals, language: _phrase(language, "identity", strange=_strange(signals, language)),
    "payment": _payment,
    "dormant": _dormant,
    "outlier": lambda _, language: _phrase(language, "outlier"),
}
