"""Languages: each has a template for every code and kind with the same values, and English is as the fold makes it."""

import ast
import string
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.activities import random_log

from liveprofile.profiles.anomalies.messages import READINGS, STATES
from liveprofile.profiles.anomalies.named import shipped_rules
from liveprofile.profiles.facts.facts import Change, Code
from liveprofile.profiles.facts.reasons import CORRECTED_INFERENCE, TEMPLATES
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.inputs import TABLE
from liveprofile.profiles.state.row import ANOMALIES
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS
from liveprofile.streams.language.anomaly_messages import anomaly_texts
from liveprofile.streams.language.change_messages import change_message
from liveprofile.streams.language.records import payloads_in, translated
from liveprofile.streams.language.words_of import ENGLISH, WRITTEN, words_of
from liveprofile.streams.reference.samples import SAMPLES
from liveprofile.streams.render import profile, slots, traits
from liveprofile.streams.settings.model import Settings

LEFT_OVER = ("{", "}", "None", "[", "]")


def values_of(template: str) -> list[str]:
    return sorted(f"{field}:{form}" for _, field, form, _ in string.Formatter().parse(template) if field is not None)


def step(kind: str, state: str = "raised", rule: str | None = None, **signals: float) -> dict[str, Any]:
    return {"kind": kind, "state": state, "severity": 61, "rule": rule, "contributions": signals, "message": "own"}


STEPS = [
    step("velocity", events_last_minute=1.0),
    step("spend", order=1234.5, robust_z=9.25, usual_order=40.0),
    step("spend", order=0.0, robust_z=9.25, usual_order=40.0),
    step("interest-drift", new_topics=0.82, distance=0.91),
    step("bot-like", pages=1200.0, seconds_between=1.04),
    step("identity", new_device=1.0, new_network=1.0, new_country=0.0, new_topics=0.5, orders=2.0),
    step("payment", failed_payments=6.0),
    step("dormant", new_device=0.0, new_network=0.0, new_country=0.0, new_topics=0.0, orders=1.0, sleep=4.2),
    step("outlier", log2_rarity=12.0),
    *(step("rule", rule=one.name) for one in shipped_rules()),
    *(step(kind, "cleared") for kind in ANOMALIES),
]


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_template_with_the_values_of_the_english_one(language: str, code: Code) -> None:
    english, own = values_of(TEMPLATES[code]), values_of(words_of(language)["change"][code])
    # a language may repeat a value once more or less: the scale stands twice in English
    assert set(own) == set(english), f"streams/language/words/{language}.toml, {code}"


@pytest.mark.parametrize("language", WRITTEN)
def test_a_language_has_words_for_every_name_of_a_closed_list(language: str) -> None:
    words = words_of(language)
    assert set(words["change"]) == set(Code)
    assert values_of(words["part"]["corrected_inference"]) == values_of(CORRECTED_INFERENCE)
    assert set(words["step"]) == set(STATES)
    assert set(words["kind"]) == set(ANOMALIES)
    assert set(READINGS) <= set(words["reading"])
    assert set(words["rule"]) == {one.name for one in shipped_rules()}
    assert set(words["input"]) == {one.name for one in TABLE}
    assert set(words["path"]) == set(PUBLISHED_TRAITS)
    assert set(words["attribute"]) == {"attribute", *shipped().attributes}


def test_the_languages_have_the_same_tables_and_names() -> None:
    names = [{(table, name) for table, rows in words_of(one).items() for name in rows} for one in WRITTEN]
    assert all(one == names[0] for one in names)


@pytest.mark.parametrize("language", WRITTEN)
def test_every_band_of_a_trait_has_a_word(language: str) -> None:
    bands = {name for trait in PUBLISHED_TRAITS.values() for name in trait.bands.names} | {"none"}
    assert bands <= set(words_of(language)["value"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.reason.code}-{one.path}")
def test_a_message_is_made_from_the_record_alone(sample: Change) -> None:
    change = msgspec.json.decode(msgspec.json.encode(sample))
    assert change_message(change, ENGLISH) == sample.message
    for language in WRITTEN:
        made = change_message(change, language)
        assert made and made[-1] in ".\u3002" and made != sample.message
        assert not any(part in made for part in LEFT_OVER)


@pytest.mark.parametrize("record", STEPS, ids=lambda one: f"{one['kind']}-{one['state']}-{one['rule']}")
@pytest.mark.parametrize("language", [ENGLISH, *WRITTEN])
def test_every_kind_of_anomaly_has_a_reading_and_a_message(record: dict[str, Any], language: str) -> None:
    reading, message = anomaly_texts(record, language)
    assert reading and reading in message
    assert "61" in message or record["state"] == "cleared"
    assert message[-1] in ".?\u3002\uff1f" and not any(part in message for part in LEFT_OVER)


def test_plurals_and_decimals_are_those_of_the_language() -> None:
    assert anomaly_texts(STEPS[0], "de")[0].startswith("1 Ereignis in")
    assert "1.234,50" in anomaly_texts(STEPS[1], "de")[0] and "1,234.50" in anomaly_texts(STEPS[1], "zh")[0]


def test_english_facts_keep_their_bytes_and_others_only_get_other_words() -> None:
    log = random_log(3, count=1_500)
    result = Fold(Policy()).apply(log.keys, log.values, range(len(log)))
    facts = [*result.changes, *result.anomalies]
    assert len(facts) > 50
    for fact in facts:
        assert payloads_in(ENGLISH)(fact) == fact.payload
        own = msgspec.json.decode(fact.payload)
        assert translated(own, ENGLISH) == own, "English is made anew as the fold makes it"
        for language in WRITTEN:
            other = msgspec.json.decode(payloads_in(language)(fact))
            assert other != own and without_words(other) == without_words(own)
            assert payloads_in(language)(fact) == payloads_in(language)(fact)


def without_words(value: Any) -> Any:
    if isinstance(value, list):
        return [without_words(one) for one in value]
    if isinstance(value, dict):
        return {name: without_words(one) for name, one in value.items() if name not in ("message", "reading", "words")}
    return value


@pytest.mark.parametrize(
    "change",
    [{}, {"path": "x", "reason": None}, {"path": "cluster", "before": 1, "after": 2, "reason": {"code": "LATER"}}],
)
def test_a_change_of_another_version_keeps_its_own_message(change: dict[str, Any]) -> None:
    record = {"changes": [change | {"message": "own"}, 7]}
    assert translated(record, "zh") == record
    assert translated({"kind": "later", "message": "own"}, "de") == {"kind": "later", "message": "own"}


def test_the_setting_has_exactly_the_languages_there_are() -> None:
    for language in (ENGLISH, *WRITTEN):
        assert msgspec.convert({"language": language}, Settings).language == language
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"language": "xx"}, Settings)


def said(file: Path) -> set[str]:
    """The labels that a module's calls of `say` name."""
    calls = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call)]
    named = [one.args[0] for one in calls if isinstance(one.func, ast.Name) and one.func.id == "say" and one.args]
    return {one.value for one in named if isinstance(one, ast.Constant) and isinstance(one.value, str)}


@pytest.mark.parametrize("language", WRITTEN)
def test_every_label_of_the_panel_has_words_with_the_same_values(language: str) -> None:
    panel = words_of(language)["panel"]
    labels = set().union(*(said(Path(module.__file__ or "")) for module in (profile, slots, traits)))
    labels |= {*profile.SCALES.values(), *profile._TASKS.values(), traits.DAYS}
    assert len(labels) > 30 and labels <= set(panel)
    assert all(values_of(own) == values_of(english) for english, own in panel.items())
