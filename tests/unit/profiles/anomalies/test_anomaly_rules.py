"""Named rules are data: what a file may say, and what is refused with the words that help."""

import numpy as np
import pytest

from liveprofile.profiles.anomalies.named import SIGNALS, read_rules, rule_table, shipped_rules, strongest

RULE = '[[rule]]\nname = "a"\nmeaning = "b"\nseverity = {severity}\nat_least = {{ {conditions} }}\n'


def text(severity: int = 50, conditions: str = "hits = 3") -> str:
    return RULE.format(severity=severity, conditions=conditions)


def test_the_shipped_rules_are_about_signals_that_there_are():
    assert {"many-devices", "many-countries", "card-testing"} <= {rule.name for rule in shipped_rules()}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (text(conditions="hitz = 3"), "about 'hitz': signals are hits"),
        (text(severity=101), "must be 1 to 100"),
        (text(conditions=""), "no at_least"),
        (text(conditions="hits = 0"), "must be above 0"),
        (text() + text(), "there twice"),
        (text().replace("meaning", "meening"), "meening"),
        ("[[rule", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(rules: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_rules(rules)


def test_the_most_severe_rule_that_holds_is_said():
    table = rule_table(read_rules(text(50) + text(80, "hits = 5, pages = 2").replace('"a"', '"c"')))
    signals = np.zeros(len(SIGNALS))
    assert strongest(signals, table) == -1
    signals[list(SIGNALS).index("hits")] = 6.0
    assert strongest(signals, table) == 0, "the other one has a second condition"
    signals[list(SIGNALS).index("pages")] = 2.0
    assert strongest(signals, table) == 1
