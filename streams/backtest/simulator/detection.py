"""Injected anomalies compared with raised anomalies: recall, time to detect, false alerts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from liveprofile.streams.backtest.figures.scores import Scores, average_precision, rounded
from liveprofile.streams.backtest.simulator.injected import InjectedAnomaly
from liveprofile.streams.backtest.task.cases import OURS, Figured
from liveprofile.streams.backtest.truth.shoppers import DAY_MS, Shoppers

GRACE_MS = 1_800_000
"""An alert detects an injected anomaly if it is raised during it or at most this long after it: a session's pause."""
AFTERMATH_MS = DAY_MS
"""Alerts on the same account up to a day after an injected anomaly are its aftermath: neither detections nor false."""
Case = tuple[bytes, InjectedAnomaly]
"""Profile id and injected anomaly."""


@dataclass(slots=True)
class Alert:
    """A raised anomaly; `weight` is its evidence, and grows with updates."""

    key: bytes
    kind: str
    time_ms: int
    weight: float


def injected_anomalies_found(
    cases: Iterable[Case], alerts: Iterable[Alert], shoppers: Shoppers, since_ms: int
) -> Figured:
    """Figures by kind of injected anomaly, and over all, from `since_ms` on, after the detectors were calibrated.

    Average precision ranks injected anomalies by their strongest alert, together with the days of all other shoppers by
    theirs (days of an injected anomaly and its aftermath are excluded). Undetected anomalies and days without an alert
    have weight 0, so it is a lower bound of what scores below the threshold could reach.
    """
    cases = list(cases)
    judged = [case for case in cases if case[1].first_ms >= since_ms]
    first_day = since_ms // DAY_MS
    alerts = [one for one in alerts if one.time_ms >= since_ms]
    victims: defaultdict[bytes, list[InjectedAnomaly]] = defaultdict(list)
    for key, one in cases:
        victims[key].append(one)
    false = [one for one in alerts if not any(_explains(injected, one) for injected in victims.get(one.key, ()))]
    days = {(key, day) for key, one in shoppers.known.items() for day in one.days if day >= first_day}
    ill = {(key, day) for key, one in cases for day in _days(one)}
    weights = _by_day(false)
    clean = [weights.get(unit, 0.0) for unit in sorted(days - ill)]
    by_kind: defaultdict[str, list[Case]] = defaultdict(list)
    for case in judged:
        by_kind[case[1].kind].append(case)
    raised: defaultdict[bytes, list[Alert]] = defaultdict(list)
    for alert in alerts:
        raised[alert.key].append(alert)
    a_day = rounded(1000 * len(false) / max(1, len(days)))
    return Figured(
        "anomalies",
        n=len(judged),
        methods={OURS: {**_figures(judged, raised, clean), "false_alerts_per_1000_users_a_day": a_day}},
        details={
            "kinds": {kind: _figures(pairs, raised, clean) for kind, pairs in sorted(by_kind.items())},
            "injected_before": len(cases) - len(judged),
            "alerts": len(alerts),
            "shopper_days": len(days),
            "false_alerts_by_kind": dict(sorted(Counter(one.kind for one in false).items())),
        },
    )


def _figures(cases: Sequence[Case], raised: Mapping[bytes, Sequence[Alert]], clean: Sequence[float]) -> Scores:
    """Recall, time to detect and average precision of some injected anomalies."""
    found = [[one for one in raised.get(key, ()) if _covers(injected, one)] for key, injected in cases]
    waits = [
        min(one.time_ms for one in alerts) - injected.first_ms
        for alerts, (_, injected) in zip(found, cases, strict=True)
        if alerts
    ]
    ranks = [max((one.weight for one in alerts), default=0.0) for alerts in found]
    return {
        "injected": len(cases),
        "recall": rounded(len(waits) / len(cases)) if cases else None,
        "median_s_to_detect": rounded(median(waits) / 1000) if waits else None,
        "ap": rounded(average_precision([1] * len(ranks) + [0] * len(clean), [*ranks, *clean])),
    }


def _covers(injected: InjectedAnomaly, alert: Alert) -> bool:
    return injected.first_ms <= alert.time_ms <= injected.last_ms + GRACE_MS


def _explains(injected: InjectedAnomaly, alert: Alert) -> bool:
    return injected.first_ms <= alert.time_ms <= injected.last_ms + AFTERMATH_MS


def _by_day(alerts: Iterable[Alert]) -> dict[tuple[bytes, int], float]:
    """The largest weight of an alert per shopper and day."""
    weights: dict[tuple[bytes, int], float] = {}
    for one in alerts:
        unit = one.key, one.time_ms // DAY_MS
        weights[unit] = max(weights.get(unit, 0.0), one.weight)
    return weights


def _days(injected: InjectedAnomaly) -> range:
    """Days since 1970 of an injected anomaly and its aftermath."""
    return range(injected.first_ms // DAY_MS, (injected.last_ms + AFTERMATH_MS) // DAY_MS + 1)
