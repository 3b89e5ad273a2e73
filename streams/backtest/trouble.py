"""Planted trouble against the anomalies that were raised: how much is found, how soon, at how many false alerts."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from streams.backtest.planted import Planted
from streams.backtest.scores import average_precision, rounded
from streams.backtest.shoppers import DAY_MS, Shoppers

GRACE_MS = 1_800_000
"""An alert counts for what it was raised in or soon after: a session's half-life."""
Unit = tuple[bytes, int]
"""A shopper and a day."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An anomaly that was raised; `weight` is larger for a surer one."""

    key: bytes
    kind: str
    time_ms: int
    weight: float


def trouble_found(
    planted: Iterable[tuple[bytes, Planted]], alerts: Sequence[Alert], shoppers: Shoppers
) -> dict[str, Any]:
    """Figures by kind of trouble, and over all.

    Average precision ranks shopper-days by their surest alert, those of a kind of trouble against those without any; a
    day without an alert weighs nothing, so that it is a lower bound of what the scores below the threshold could do.
    """
    by_kind: defaultdict[str, list[tuple[bytes, Planted]]] = defaultdict(list)
    for key, one in planted:
        by_kind[one.kind].append((key, one))
    everything = [pair for pairs in by_kind.values() for pair in pairs]
    victims: defaultdict[bytes, list[Planted]] = defaultdict(list)
    for key, one in everything:
        victims[key].append(one)
    raised = _by_key(alerts)
    days = {(key, day) for key, one in shoppers.known.items() for day in one.days}
    weights = _by_day(alerts)
    clean = sorted(days - _days_of(everything))
    false = [one for one in alerts if not any(_covers(trouble, one) for trouble in victims.get(one.key, ()))]
    return {
        "planted": len(everything),
        "alerts": len(alerts),
        "shopper_days": len(days),
        "false_alerts_per_1000_users_a_day": rounded(1000 * len(false) / max(1, len(days))),
        "false_alerts_by_kind": _counted(false),
        **{kind: _figures(pairs, raised, weights, clean) for kind, pairs in sorted(by_kind.items())},
        "all": _figures(everything, raised, weights, clean),
    }


def _figures(
    pairs: Sequence[tuple[bytes, Planted]],
    raised: Mapping[bytes, Sequence[Alert]],
    weights: Mapping[Unit, float],
    clean: Sequence[Unit],
) -> dict[str, Any]:
    """Recall, time to detect and average precision of one kind of trouble."""
    waits = [wait for key, one in pairs if (wait := _wait_ms(one, raised.get(key, ()))) is not None]
    ill = sorted(_days_of(pairs))
    return {
        "planted": len(pairs),
        "recall": rounded(len(waits) / len(pairs)) if pairs else None,
        "median_s_to_detect": rounded(median(waits) / 1000) if waits else None,
        "average_precision": rounded(
            average_precision([1] * len(ill) + [0] * len(clean), [weights.get(unit, 0.0) for unit in [*ill, *clean]])
        ),
    }


def _wait_ms(trouble: Planted, alerts: Sequence[Alert]) -> int | None:
    """From the trouble's first event to the first alert in its time; None where none came."""
    at = bisect_left(alerts, trouble.first_ms, key=lambda alert: alert.time_ms)
    found = alerts[at].time_ms if at < len(alerts) else None
    return found - trouble.first_ms if found is not None and found <= trouble.last_ms + GRACE_MS else None


def _covers(trouble: Planted, alert: Alert) -> bool:
    return trouble.first_ms <= alert.time_ms <= trouble.last_ms + GRACE_MS


def _by_key(alerts: Sequence[Alert]) -> dict[bytes, list[Alert]]:
    """Each shopper's alerts in the order of time."""
    raised: defaultdict[bytes, list[Alert]] = defaultdict(list)
    for one in sorted(alerts, key=lambda alert: alert.time_ms):
        raised[one.key].append(one)
    return raised


def _by_day(alerts: Sequence[Alert]) -> dict[Unit, float]:
    """The surest alert of each shopper's day."""
    weights: dict[Unit, float] = {}
    for one in alerts:
        unit = one.key, one.time_ms // DAY_MS
        weights[unit] = max(weights.get(unit, 0.0), one.weight)
    return weights


def _days_of(pairs: Iterable[tuple[bytes, Planted]]) -> set[Unit]:
    return {(key, one.first_ms // DAY_MS) for key, one in pairs}


def _counted(alerts: Iterable[Alert]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in alerts:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return dict(sorted(counts.items()))
