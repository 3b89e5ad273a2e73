"""Lowered rules say what rule_engine says of the same expressions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rules import evaluate, rule_set

from liveprofile.profiles.segments.features import BY_NAME, FEATURES, PLACE
from liveprofile.profiles.segments.judge import judge_atoms, run_programs
from liveprofile.profiles.segments.rules import starter

NUMBERS = st.sampled_from([0.0, 0.1, 0.3, 1.0, 2.5, 7.0, 30.0])
NUMERIC = st.sampled_from(["orders", "quiet.days", "spend.recent", "interest.top", "session.carts", "recent.views"])
NAMED = st.sampled_from(["spend.band", "daypart", "price.band", "sentiment.band"])


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        name, number = draw(NUMERIC), draw(NUMBERS)
        sign = draw(st.sampled_from(["<", "<=", ">", ">="]))
        return f"{name} {sign} {number:g}" if draw(st.booleans()) else f"{number:g} {sign} {name}"
    name = draw(NAMED)
    values = BY_NAME[name].values
    if draw(st.booleans()):
        return f'{name} {draw(st.sampled_from(["==", "!="]))} "{draw(st.sampled_from(values))}"'
    listed = ", ".join(f'"{one}"' for one in draw(st.lists(st.sampled_from(values), min_size=1, max_size=3)))
    return f"{name} {draw(st.sampled_from(['in', 'not in']))} [{listed}]"


EXPRESSIONS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
        inner.map(lambda x: f"not ({x})"),
    ),
    max_leaves=12,
)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, float]:
    """Values of all features that expressions are drawn from."""
    drawn = {name: draw(NUMBERS) for name in ("orders", "quiet.days", "spend.recent", "interest.top")}
    drawn |= {name: draw(NUMBERS) for name in ("session.carts", "recent.views")}
    for name in ("spend.band", "daypart", "price.band", "sentiment.band"):
        drawn[name] = float(draw(st.integers(0, len(BY_NAME[name].values) - 1)))
    return drawn


def verdicts(rules, values: dict[str, float]) -> list[bool]:  # type: ignore[no-untyped-def]
    """What the lowered programs say."""
    compiled_rules = rules.compiled_rules
    compiled_rules.value[:] = 0.0
    for name, value in values.items():
        compiled_rules.value[PLACE[name]] = value
    judge_atoms(
        compiled_rules.atom_place,
        compiled_rules.atom_operator,
        compiled_rules.atom_constant,
        compiled_rules.value,
        compiled_rules.truth,
    )
    run_programs(compiled_rules.code, compiled_rules.start, compiled_rules.truth, compiled_rules.verdict)
    return compiled_rules.verdict.tolist()


@settings(max_examples=300, deadline=None)
@given(text=EXPRESSIONS, values=profiles())
def test_a_lowered_expression_says_what_rule_engine_says(text: str, values: dict[str, float]) -> None:
    enter, leave = verdicts(rule_set(text), values)
    assert enter == evaluate(text, values)
    assert leave != enter, "without an exit, a segment is left where it is not entered"


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_starter_rules_say_what_rule_engine_says(seed: int) -> None:
    random, rules = np.random.default_rng(seed), starter()
    states = rules.lowered.states[: 1 + len(rules.file.lifecycle)]
    values = {}
    for one in FEATURES:
        names = states if one.name == "lifecycle.state" else one.values
        number = random.integers(len(names)) if names else random.choice([0.0, 0.3, 1.0, 2.0, 6.0, 25.0, 70.0, 900.0])
        values[one.name] = float(number)
    published = dict(zip(rules.programs, verdicts(rules, values), strict=True))
    for state in rules.file.lifecycle:
        assert published[f"lifecycle/{state.name}"] == evaluate(state.when, values, states)
    for rule in rules.file.segment:
        assert published[f"enter/{rule.name}"] == evaluate(rule.enter, values, states)
        assert published[f"exit/{rule.name}"] == evaluate(rule.exit or f"not ({rule.enter})", values, states)
