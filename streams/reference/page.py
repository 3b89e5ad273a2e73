"""The page docs/reference.md and its sections: tables generated from the registries."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from liveprofile.profiles.anomalies.named import SIGNALS, NamedRule, shipped_rules
from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.facts.reasons import ANOMALY_TEMPLATES, CORRECTED_INFERENCE, TEMPLATES
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.inputs import TABLE
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import ANOMALIES, PATHS, SCALES
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.codes import code_meanings
from liveprofile.streams.reference.markdown import table
from liveprofile.streams.reference.paths import KIND_MEANINGS, PATH_MEANINGS
from liveprofile.streams.reference.samples import SAMPLES, samples_of
from liveprofile.streams.reference.segments import features_section, segments_section
from liveprofile.streams.settings.docstrings import field_texts

_INTRODUCTION = """# Reference

<!-- Written by `liveprofile reference --markdown`; a test compares it with the code. -->

Every name in records, and its meaning. Fields and types are in `docs/schemas`, settings in `docs/settings.md`.
`liveprofile explain PROFILE PATH` explains the value of a profile's path.
"""

SCALE_PATHS = tuple(f"interests.{scale}" for scale in SCALES)
_MESSAGES = (
    "Why a path changed. The `message` of a change is its code's template, filled in: `{observed:percent}` is the "
    "value `observed` in the format `percent`. `CORRECTED` on a path other than `declared` has the template "
    f"`{CORRECTED_INFERENCE}`\n\n"
)


def as_markdown() -> str:
    """The whole page."""
    return "".join([_INTRODUCTION, *(f"\n## {title}\n\n{write()}" for title, write in SECTIONS.items())])


def _topics() -> str:
    rows = ([f"`{topic.name}`", _topic_kind(topic.name), f"{topic.purpose}."] for topic in Topics().all())
    return "Names of internal topics begin with the app id, here `liveprofile`.\n\n" + table(
        ["topic", "", "what is on it"], rows
    )


def _topic_kind(name: str) -> str:
    return "input" if name in Topics().inputs else "internal" if "." in name else "output"


def _inputs() -> str:
    rows = ([f"`{kind}`", _first_line(struct), _code(struct.__struct_fields__)] for kind, struct in INPUTS.items())
    return table(["topic", "what happened", "fields"], rows)


def _actions() -> str:
    texts, weights = field_texts(Action), Policy().action_weights
    rows = ([f"`{one.name.lower()}`", texts[one.name], f"{weights[one.name.lower()]:+g}"] for one in Action)
    return (
        "What an activity is. The weight is what it says about interest, as the policy has it by default.\n\n"
        + table(["action", "what was done", "weight"], rows)
    )


def _paths() -> str:
    rows = ([f"`{path}`", PATH_MEANINGS[path], _code(codes_of(path))] for path in PATHS)
    return "Paths of profile changes, with their reasons.\n\n" + table(["path", "meaning", "reason codes"], rows)


def _codes() -> str:
    rows = (
        [f"`{code}`", text, f"`{TEMPLATES[Code(code)]}`", sentence(Code(code))]
        for code, text in code_meanings().items()
    )
    return _MESSAGES + table(["code", "meaning", "template", "example"], rows)


def _anomalies() -> str:
    kinds = table(["kind", "what is unusual"], ([f"`{kind}`", KIND_MEANINGS[kind]] for kind in ANOMALIES))
    steps = ([f"`{state}`", f"`{template}`"] for state, template in ANOMALY_TEMPLATES.items())
    return f"{kinds}\n{table(['state', 'template of its message'], steps)}"


def _named_rules() -> str:
    head = "Named rules do not depend on usual behaviour; all conditions of a rule must hold.\n\n"
    rules = ([f"`{one.name}`", one.meaning, _conditions(one), one.severity] for one in shipped_rules())
    signals = ([f"`{name}`", meaning] for name, meaning in SIGNALS.items())
    return (
        head
        + table(["rule", "meaning", "conditions", "severity"], rules)
        + "\nSignals that rules are written in:\n\n"
        + table(["signal", "meaning"], signals)
    )


def _conditions(rule: NamedRule) -> str:
    parts = [f"`{name}` >= {least:g}" for name, least in rule.at_least.items()]
    return ", ".join([*parts, *(f"`{name}` < {bound:g}" for name, bound in rule.below.items())])


def _inputs_of_predictions() -> str:
    head = "Inputs of predictions, and their words in a prediction's reasons.\n\n"
    return head + table(["input", "meaning", "in words"], ([f"`{one.name}`", one.meaning, one.words] for one in TABLE))


def _attributes() -> str:
    vocabulary = shipped()
    rows = (
        [
            f"`{one.name}`",
            one.label,
            one.allowed,
            "yes" if one.protected else "",
            f"`{one.beside}`" if one.beside else "",
        ]
        for one in vocabulary.attributes.values()
    )
    head = (
        f"The closed vocabulary of declarations, version {vocabulary.version}. A protected attribute is only "
        "declared, never inferred.\n\n"
    )
    return head + table(["attribute", "", "values", "protected", "stands beside"], rows)


def sentence(code: Code) -> str:
    """The message of a code's first sample."""
    return next(samples_of(code)).message


def codes_of(path: str) -> list[str]:
    """The reason codes that changes of a path can have.

    The samples have each code on one of the paths that it occurs on. Topics of all scales change for the same reasons,
    and an inferred value is corrected wherever a declared attribute stands for it.
    """
    shared = SCALE_PATHS if path in SCALE_PATHS else (path,)
    found = [str(one.reason.code) for one in SAMPLES if one.path in shared]
    trait = PUBLISHED_TRAITS.get(path)
    if trait is not None and trait.corrected_by:
        found.append(str(Code.CORRECTED))
    return list(dict.fromkeys(found))


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first_line(documented: Any) -> str:
    return str(documented.__doc__ or "").strip().partition("\n")[0]


SECTIONS: Mapping[str, Callable[[], str]] = {
    "Topics": _topics,
    "Inputs": _inputs,
    "Actions": _actions,
    "Paths": _paths,
    "Reason codes": _codes,
    "Anomalies": _anomalies,
    "Named rules": _named_rules,
    "Inputs of predictions": _inputs_of_predictions,
    "Declared attributes": _attributes,
    "Features": features_section,
    "Lifecycle and segments": segments_section,
}
"""Heading -> function that writes the section."""
