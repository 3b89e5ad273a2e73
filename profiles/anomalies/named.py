"""Named rules: thresholds over documented signals, as data (rules.toml). A rule holds if all its conditions hold."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.identity import count_bits, new_places
from liveprofile.profiles.anomalies.kinds import SPEND
from liveprofile.profiles.kernel.context import RuleTable
from liveprofile.profiles.kernel.decay import now_s
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.places import places_of
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LOCATION, SPREAD, Row

SIGNALS = {
    "hits": "decayed number of events of the last minute",
    "speed": "log2 of the rate of the last minute over the usual one",
    "session_events": "events of the session",
    "session_orders": "orders of the session",
    "pages": "pages that were neither dwelt on nor wished for, decayed with the session's half-life",
    "pace_spread": "mean deviation of log2 of the time between hits; a person's is above 0.5",
    "devices_day": "devices within 24 hours",
    "networks_day": "networks within 24 hours",
    "countries_day": "countries within 24 hours",
    "new_places": "how many of device, network and country are new in this session",
    "failed_payments": "payments that did not go through, decayed with the session's half-life",
    "order_deviation": "largest order of the session, in deviations above the shopper's own usual, or the shop's",
    "sleep": "pause before this session in deviations above the shopper's own; 0 for less than `dormant_min_days`",
}
"""The signals that rules may use, with their meanings."""
AT = places_of(SIGNALS)
"""Places of the signals by name."""
RULE_PLACE, FIRST_VALUE = 0, 1
"""Places in the `signals` of a rule's detection: which rule holds, then the values of its signals."""
DAY_S = 86_400
PURCHASE = int(Action.PURCHASE)
MOST_RULES = 64


class NamedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as written in the file."""

    name: str
    meaning: str
    """The text for a person when the rule holds."""
    severity: int
    """1 to 100."""
    at_least: dict[str, float] = {}
    """Minimum values of signals."""
    below: dict[str, float] = {}
    """Values that signals must be below."""


NO_RULES = RuleTable(np.zeros((0, len(SIGNALS))), np.zeros((0, len(SIGNALS))), np.zeros(0, np.int64))


def read_rules(text: str) -> tuple[NamedRule, ...]:
    """The rules of a TOML file. ValueError for an invalid rule names it and what to write instead."""
    try:
        rules = msgspec.convert(tomllib.loads(text).get("rule", []), tuple[NamedRule, ...])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"anomaly rules cannot be read: {error}") from error
    if len(rules) > MOST_RULES:
        raise ValueError(f"{len(rules)} anomaly rules: at most {MOST_RULES} are looked at with every event")
    for place, rule in enumerate(rules):
        _check(rule, {one.name for one in rules[:place]})
    return rules


def _check(rule: NamedRule, before: set[str]) -> None:
    if rule.name in before:
        raise ValueError(f"anomaly rule {rule.name!r} is there twice: give the second another name")
    if not rule.at_least:
        raise ValueError(f"anomaly rule {rule.name!r} has no at_least: it would always hold")
    if not 1 <= rule.severity <= 100:
        raise ValueError(f"anomaly rule {rule.name!r} has severity {rule.severity}: must be 1 to 100")
    for signal in (*rule.at_least, *rule.below):
        if signal not in SIGNALS:
            raise ValueError(f"anomaly rule {rule.name!r} is about {signal!r}: signals are {', '.join(SIGNALS)}")
    if min(rule.at_least.values()) <= 0:
        raise ValueError(f"anomaly rule {rule.name!r}: each at_least must be above 0, which nothing is below")


def rule_table(rules: tuple[NamedRule, ...]) -> RuleTable:
    """The rules for compiled code."""
    shape = (len(rules), len(SIGNALS))
    table = RuleTable(np.full(shape, -np.inf), np.full(shape, np.inf), np.array([one.severity for one in rules], "i8"))
    for place, rule in enumerate(rules):
        for at, signal in enumerate(SIGNALS):
            table.at_least[place, at] = rule.at_least.get(signal, -np.inf)
            table.below[place, at] = rule.below.get(signal, np.inf)
    return table


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[NamedRule, ...]:
    """The rules shipped with the program."""
    return read_rules((files("liveprofile.profiles.anomalies") / "rules.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def shipped_table() -> RuleTable:
    """The same for compiled code."""
    return rule_table(shipped_rules())


def conditions(rule: NamedRule, values: Any) -> dict[str, float]:
    """The signals of a rule with their values (the detection's first ones, in the order of `SIGNALS`)."""
    about = [signal for signal in SIGNALS if signal in rule.at_least or signal in rule.below]
    return {signal: round(value, 4) for signal, value in zip(about, values, strict=False)}


@compiled
def read_signals(row: Row, speed: float, rules: Rules, signals: npt.NDArray[np.float64]) -> None:
    """The signals (s,) of a profile in the order of `SIGNALS`; `speed` is the velocity detector's score."""
    since = now_s(row) - DAY_S
    signals[AT.hits] = row.rate_burst
    signals[AT.speed] = speed
    signals[AT.session_events] = row.session_events
    signals[AT.session_orders] = row.session_by_action[PURCHASE]
    signals[AT.pages] = row.pages
    signals[AT.pace_spread] = row.pace[SPREAD] if row.pace[LOCATION] > 0.0 else 99.0
    signals[AT.devices_day] = _since(row.device_s, since)
    signals[AT.networks_day] = _since(row.network_s, since)
    signals[AT.countries_day] = _since(row.country_s, since)
    signals[AT.new_places] = count_bits(new_places(row, rules))
    signals[AT.failed_payments] = row.failed
    signals[AT.order_deviation] = row.anomaly_max_scores[SPEND]
    signals[AT.sleep] = row.anomaly_dormancy


@compiled
def _since(seen_s: npt.NDArray[np.uint32], since: int) -> int:
    count = 0
    for at in range(len(seen_s)):
        count += seen_s[at] != 0 and seen_s[at] >= since
    return count


@compiled
def strongest(signals: npt.NDArray[np.float64], rules: RuleTable) -> int:
    """The most severe rule that holds, the first of equals; -1 for none."""
    best = -1
    for rule in range(len(rules.severity)):
        holds = True
        for at in range(len(signals)):
            holds = holds and rules.at_least[rule, at] <= signals[at] < rules.below[rule, at]
        if holds and (best < 0 or rules.severity[rule] > rules.severity[best]):
            best = rule
    return best
