"""Rules as tests need them: a few expressions, and features as rule_engine evaluates them."""

from types import SimpleNamespace
from typing import Any

import rule_engine

from liveprofile.profiles.segments.expressions import context
from liveprofile.profiles.segments.features import FEATURES
from liveprofile.profiles.segments.rules import RuleSet


def rule_set(*segments: str, states: tuple[tuple[str, str], ...] = (), version: int = 1) -> RuleSet:
    """Segments named s0, s1, ... that are entered where the given expressions hold."""
    return RuleSet.from_record({"toml": rule_text(*segments, states=states, version=version)})


def rule_text(*segments: str, states: tuple[tuple[str, str], ...] = (), version: int = 1) -> str:
    """The same as a file; a segment may be `enter | exit | stay`."""
    lines = ['name = "test"', f"version = {version}"]
    for name, when in states:
        lines += ["[[lifecycle]]", f'name = "{name}"', 'label = "L"', 'meaning = "M"', f"when = '''{when}'''"]
    for at, text in enumerate(segments):
        enter, leave, stay = ([one.strip() for one in text.split("|")] + ["", ""])[:3]
        lines += ["[[segment]]", f'name = "s{at}"', 'label = "L"', 'meaning = "M"', f"enter = '''{enter}'''"]
        lines += [f"exit = '''{leave}'''", f'stay = "{stay}"']
    return "\n".join(lines)


def evaluate(text: str, values: dict[str, float], states: tuple[str, ...] = ()) -> bool:
    """What rule_engine itself says of an expression, given features by name; enumerations as their numbers."""
    tree: dict[str, Any] = {}
    for one in FEATURES:
        value: Any = float(values.get(one.name, 0.0))
        names = states if one.name == "lifecycle.state" else one.values
        value = names[int(value)] if names else value
        head, _, rest = one.name.partition(".")
        if rest:
            tree.setdefault(head, SimpleNamespace()).__dict__[rest] = value
        else:
            tree[head] = value
    return bool(rule_engine.Rule(text, context=context()).matches(SimpleNamespace(**tree)))
