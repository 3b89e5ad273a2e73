"""How well anomalies are found: what was raised against the trouble that was planted, by kind of trouble."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from profiles.facts import AnomalyChanged
from streams.backtest.scores import average_precision

GRACE_MS = 1_800_000
"""What is raised up to half an hour after the last event of the trouble has found it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One planted anomaly: whose, of which kind, and from when to when (epoch milliseconds)."""

    profile_id: str
    kind: str
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class _Alert:
    """What was raised for a profile, and the highest severity that it came to."""

    profile_id: str
    kind: str
    raised_ms: int
    severity: int
    trouble: int | None = None


def evaluate(facts: Iterable[AnomalyChanged], planted: Sequence[Trouble], user_days: float) -> dict[str, Any]:
    """Figures over all planted trouble and for each kind of it.

    `facts` come in the order in which they were said; `user_days` is the sum over days of the shoppers who were active.
    `false_alerts` are alerts outside of any trouble, for 1,000 active users a day. PR-AUC ranks alerts by severity:
    those of the kind's trouble against all false ones; trouble that was never found lowers it in proportion.
    """
    alerts = _matched(_alerts(facts), planted)
    false = [alert for alert in alerts if alert.trouble is None]
    kinds = sorted({one.kind for one in planted})
    return {
        "planted": len(planted),
        "raised": len(alerts),
        "false_alerts_per_1000_users_a_day": round(1000 * len(false) / user_days, 3) if user_days else None,
        "false_alerts_by_kind": {kind: sum(one.kind == kind for one in false) for kind in _kinds(false)},
        "all": _figures(alerts, false, planted, set(kinds)),
        "by_kind": {kind: _figures(alerts, false, planted, {kind}) for kind in kinds},
    }


def _alerts(facts: Iterable[AnomalyChanged]) -> list[_Alert]:
    """One alert for every anomaly that was raised, in their order."""
    alerts: dict[str, _Alert] = {}
    for fact in facts:
        if fact.state == "raised":
            at_ms = round(datetime.fromisoformat(fact.last_seen).timestamp() * 1000)
            alerts.setdefault(fact.anomaly_id, _Alert(fact.profile_id, fact.kind, at_ms, fact.severity))
        elif fact.anomaly_id in alerts:
            known = alerts[fact.anomaly_id]
            known.severity = max(known.severity, fact.severity)
    return list(alerts.values())


def _matched(alerts: list[_Alert], planted: Sequence[Trouble]) -> list[_Alert]:
    """The alerts, each with the trouble that it is about."""
    by_profile: dict[str, list[int]] = {}
    for number, one in enumerate(planted):
        by_profile.setdefault(one.profile_id, []).append(number)
    for alert in alerts:
        for number in by_profile.get(alert.profile_id, []):
            if planted[number].first_ms <= alert.raised_ms <= planted[number].last_ms + GRACE_MS:
                alert.trouble = number
    return alerts


def _figures(
    alerts: list[_Alert], false: list[_Alert], planted: Sequence[Trouble], kinds: set[str]
) -> dict[str, float | int | None]:
    """Recall, precision, PR-AUC and time to detect of some kinds of trouble."""
    chosen = {number for number, one in enumerate(planted) if one.kind in kinds}
    first: dict[int, int] = {}
    severity: dict[int, int] = {}
    for alert in alerts:
        if alert.trouble in chosen:
            first.setdefault(alert.trouble, alert.raised_ms)
            severity[alert.trouble] = max(severity.get(alert.trouble, 0), alert.severity)
    delays_s = [(raised - planted[number].first_ms) / 1000 for number, raised in first.items()]
    labels = [1] * len(severity) + [0] * len(false)
    ranked = average_precision(labels, [*severity.values(), *(one.severity for one in false)]) if severity else 0.0
    recall = len(first) / len(chosen) if chosen else 0.0
    return {
        "planted": len(chosen),
        "found": len(first),
        "recall": round(recall, 4),
        "precision": round(len(first) / len(labels), 4) if labels else None,
        "pr_auc": round(recall * ranked, 4),
        "median_seconds_to_detect": round(median(delays_s), 1) if delays_s else None,
    }


def _kinds(alerts: list[_Alert]) -> list[str]:
    return sorted({one.kind for one in alerts})
