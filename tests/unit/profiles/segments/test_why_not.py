"""Why somebody is in no segment: the comparisons that fail, of the nearest rules first."""

from collections.abc import Sequence
from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rules import rule_set

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.judge import run
from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.profiles.segments.why_not import NotIn, _cheapest, why_not
from liveprofile.profiles.state.row import Rows, blank_rows

POLICY = Policy()
NOW_MS = 1_767_600_000_000
ATOMS = ("orders >= 3", "sessions < 2", "orders == 1", "events > 5", "refunds != 2", 'spend.band == "high"')
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=8,
)


def shopper(**values: int) -> Rows:
    """Somebody who was just here, with these fields of a row."""
    rows = blank_rows(1, POLICY.dims)
    for name, value in {"events": 3, "sessions": 1, "first_ms": NOW_MS, "seen_ms": NOW_MS, **values}.items():
        rows[name] = value
    return rows


def nearest(rules: RuleSet, **values: int) -> list[NotIn]:
    return why_not(shopper(**values), NOW_MS + 60_000, POLICY.rules, rules)


def test_a_new_shopper_is_nearest_to_a_first_order() -> None:
    first = nearest(starter())[0]
    assert (first.segment, first.words) == ("first-order", "first-order, needs orders == 1, it is 0")


def test_all_sides_of_and_are_named_and_the_nearest_side_of_or() -> None:
    (one,) = nearest(rule_set("orders >= 2 and sessions >= 4 and events >= 1"))
    assert [need.words for need in one.needs] == ["orders >= 2, it is 0", "sessions >= 4, it is 1"]
    (one,) = nearest(rule_set("orders >= 9 or sessions >= 2"))
    assert [need.comparison for need in one.needs] == ["sessions >= 2"]


def test_under_not_the_opposite_is_needed_and_names_stand_for_numbers() -> None:
    (one,) = nearest(rule_set("not (sessions < 2)"))
    assert [need.words for need in one.needs] == ["sessions >= 2, it is 1"]
    (one,) = nearest(rule_set('spend.band == "high"'))
    assert [need.words for need in one.needs] == ['spend.band == "high", it is "none"']
    (one,) = nearest(rule_set('anomaly["velocity"]'))
    assert [need.words for need in one.needs] == ['anomaly["velocity"], it is false']


def test_a_time_since_what_never_happened_is_named_only_alone() -> None:
    (one,) = nearest(rule_set("orders >= 1 and order.days < 30"))
    assert [need.comparison for need in one.needs] == ["orders >= 1"]
    (one,) = nearest(rule_set("order.days < 30"))
    assert one.needs[0].words == "order.days < 30, it is never"


def test_who_is_in_a_segment_or_has_refused_it_is_told_so() -> None:
    rules = rule_set("events >= 3", "sessions >= 2", "orders >= 9")
    found = nearest(rules, member=1 << rules.slots["s0"], refused=1 << rules.slots["s1"])
    assert [(one.segment, one.refused) for one in found] == [("s2", False), ("s1", True)]
    assert "refused" in found[1].words


def test_a_rule_that_holds_waits_for_the_next_evaluation() -> None:
    (one,) = nearest(rule_set("events >= 3"))
    assert (one.distance, one.needs) == (0.0, ())
    assert "holds now" in one.words


@pytest.mark.parametrize("orders, first", [(0, "s0"), (4, "s1")])
def test_fewer_and_smaller_steps_are_nearer(orders: int, first: str) -> None:
    rules = rule_set("orders >= 1 and sessions >= 2 and orders < 3", "orders >= 5 and sessions >= 2")
    assert nearest(rules, orders=orders)[0].segment == first


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.integers(0, 6), st.integers(0, 3))
def test_turning_what_is_needed_makes_any_rule_hold(text: str, orders: int, refunds: int) -> None:
    rules = rule_set(text)
    nearest(rules, orders=orders, refunds=refunds)  # evaluates the comparisons
    compiled, program = rules.compiled_rules, rules.programs["enter/s0"]
    truth = compiled.truth.copy()
    flips = _cheapest(program, rules.lowered, compiled.value.tolist(), truth.tolist())
    begin, end = compiled.start[0], compiled.start[1]
    possible = any(_true(program, truths) for truths in product((False, True), repeat=len(truth)))
    assert (flips.cost < inf) == possible
    if run(compiled.code, begin, end, truth, -1):
        assert flips.atoms == ()
    elif possible:
        for at, wanted in flips.atoms:
            assert truth[at] != wanted
            truth[at] = wanted
        assert run(compiled.code, begin, end, truth, -1)


def _true(program: Sequence[int], truths: Sequence[bool]) -> bool:
    """The program with these truths of its comparisons, by the compiled code."""
    return bool(run(np.array(program), 0, len(program), np.array(truths), -1))


def test_a_rule_that_contradicts_itself_is_said_to_and_stands_last() -> None:
    found = nearest(rule_set("orders >= 1 and not (orders >= 1)", "orders >= 1"))
    assert [one.segment for one in found] == ["s1", "s0"]
    assert "contradict" in found[1].words
