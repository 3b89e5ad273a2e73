"""Turns the steps of an anomaly into records, with named signals and a sentence for a risk team."""

from collections.abc import Callable
from typing import Literal

from liveprofile.profiles.anomalies.evidence import p_value
from liveprofile.profiles.anomalies.kinds import RULE, SIGNALS
from liveprofile.profiles.anomalies.named import FIRST_VALUE, RULE_PLACE, conditions, shipped_rules
from liveprofile.profiles.facts.facts import AnomalyChanged, Fact, anomaly_id, rfc3339
from liveprofile.profiles.facts.reasons import anomaly_message
from liveprofile.profiles.kernel.detections import ANOMALY, CLEARED
from liveprofile.profiles.kernel.evidence import Cause, Detection, evidence_of_detection
from liveprofile.profiles.state.row import ANOMALIES

Signals = dict[str, float]
STATES: tuple[Literal["cleared", "raised", "updated"], ...] = ("cleared", "raised", "updated")


def anomaly_fact(detection: Detection, cause: Cause) -> Fact[AnomalyChanged]:
    """One step in an anomaly's life."""
    kind, time_ms = detection.about - ANOMALY, detection.at_ms or cause.time_ms
    signals, state = _signals(kind, detection), STATES[detection.raised]
    rule, reading = _rule_name(kind, detection), _reading(kind, detection, signals)
    record = AnomalyChanged(
        anomaly_id=anomaly_id(cause.profile_id, ANOMALIES[kind], detection.version),
        profile_id=cause.profile_id,
        state=state,
        kind=ANOMALIES[kind],
        serial=detection.version,
        step=detection.step,
        severity=detection.severity,
        score=round(detection.observed, 4),
        p_value=float(f"{p_value(detection.evidence):.3g}") if detection.evidence >= 0 else None,
        contributions=signals,
        votes=_detector_evidence(detection),
        rule=rule,
        evidence=evidence_of_detection(detection, cause),
        first_seen=rfc3339(detection.since_s * 1000),
        last_seen=rfc3339(max(time_ms, detection.since_s * 1000)),
        reading=reading,
        message=anomaly_message(state, ANOMALIES[kind], rule, detection.severity, reading),
    )
    return Fact(record, time_ms, cause.name, cause.offset)


def _signals(kind: int, detection: Detection) -> Signals:
    """The numbers behind a score, by name; none for a cleared anomaly."""
    if detection.raised == CLEARED:
        return {}
    if kind == RULE:
        return conditions(shipped_rules()[int(detection.signals[RULE_PLACE])], detection.signals[FIRST_VALUE:])
    return {name: round(value, 4) for name, value in zip(SIGNALS[kind], detection.signals, strict=False)}


def _detector_evidence(detection: Detection) -> Signals:
    """-log10 p of each detector with any evidence."""
    if detection.evidence < 0:
        return {}
    return {
        name: round(value, 2)
        for name, value in zip(ANOMALIES, detection.detector_evidence, strict=False)
        if value >= 0.01
    }


def _rule_name(kind: int, detection: Detection) -> str | None:
    """The named rule that holds."""
    held = kind == RULE and detection.raised != CLEARED
    return shipped_rules()[int(detection.signals[RULE_PLACE])].name if held else None


def _reading(kind: int, detection: Detection, signals: Signals) -> str:
    """The sentence that describes the anomaly to a risk team."""
    if detection.raised == CLEARED:
        return f"{ANOMALIES[kind]} is back to usual"
    if kind == RULE:
        return shipped_rules()[int(detection.signals[RULE_PLACE])].meaning
    return READINGS[ANOMALIES[kind]](signals)


def _velocity(signals: Signals) -> str:
    return f"{signals['events_last_minute']:.0f} events within about a minute: a burst, or not a person"


def _spend(signals: Signals) -> str:
    usual = signals["usual_order"]
    if not signals["order"]:
        return "an order far above this shopper's usual"
    return (
        f"an order of {signals['order']:.2f}, {signals['robust_z']:.1f} deviations above this shopper's usual "
        f"{usual:.2f}"
    )


def _drift(signals: Signals) -> str:
    return (
        f"{signals['new_topics']:.0%} of this session lies on several topics new to this shopper, "
        f"{signals['distance']:.2f} away from what came before: someone else?"
    )


def _bot(signals: Signals) -> str:
    pages, gap = signals["pages"], signals["seconds_between"]
    return f"{pages:.0f} pages, one every {gap:.1f} seconds like a clock, and none of them read: a program"


def _strange(signals: Signals) -> str:
    """The new places, and the actions taken from there.

    >>> _strange({"new_device": 1.0, "new_network": 1.0, "new_country": 0.0, "new_topics": 0.5, "orders": 2.0})
    'a device and a network that are new at once, 50% on new topics, with 2 orders'
    """
    new = [f"a {place}" for place in ("device", "network", "country") if signals[f"new_{place}"]]
    places = f"{' and '.join(new)} that {'are new at once' if len(new) > 1 else 'is new'}" if new else "at home"
    orders = f", with {signals['orders']:.0f} order{'s' * (signals['orders'] > 1)}" if signals["orders"] else ""
    return f"{places}, {signals['new_topics']:.0%} on new topics{orders}"


def _identity(signals: Signals) -> str:
    return f"{_strange(signals)}: has somebody taken the account over?"


def _payment(signals: Signals) -> str:
    return f"about {signals['failed_payments']:.0f} payments failed within the hour: are cards being tried?"


def _dormant(signals: Signals) -> str:
    return f"awake after a pause {signals['sleep']:.1f} deviations longer than ever: {_strange(signals)}"


def _outlier(signals: Signals) -> str:
    return "a session that hardly any other is like: see the votes"


READINGS: dict[str, Callable[[Signals], str]] = {
    "velocity": _velocity,
    "spend": _spend,
    "interest-drift": _drift,
    "bot-like": _bot,
    "identity": _identity,
    "payment": _payment,
    "dormant": _dormant,
    "outlier": _outlier,
}
"""The sentence of each kind with signals of its own."""
