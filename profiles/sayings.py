"""From what a wave detected to facts: evidence, reasons in words, contributions."""

import numpy as np
import numpy.typing as npt

from profiles import anomalies
from profiles.activity import Flag, source_name
from profiles.changes import Detection
from profiles.facts import AnomalyChanged, AnomalyCleared, AnomalyRaised, Evidence, ProfileChanged, rfc3339
from profiles.policy import Policy
from profiles.row import ANOMALIES, RECENT
from profiles.wave import Wave

EVIDENCE = 3
"""Events named at most per fact."""
LIVE, REPLAY, TIMER = "live", "replay", "timer"

Row = np.void


def changed_facts(
    wave: Wave, keys: list[bytes], event_ids: list[str | None], found: list[Detection], labels: dict[str, str | None]
) -> list[ProfileChanged]:
    """One fact per profile that changed, with all its changes, and the profiles' versions counted up."""
    said = np.stack([detection.said for detection in found])
    places = np.flatnonzero(said.any(axis=0))
    wave.rows["version"][places] += 1
    facts = []
    for place in places.tolist():
        changes = [detection.describe(place) for detection in found if detection.said[place]]
        event = wave.events[place]
        cause = source_name(event["source"])
        facts.append(
            ProfileChanged(
                profile_id=keys[place].decode(),
                version=int(wave.rows["version"][place]),
                origin=REPLAY if event["flags"] & Flag.REPLAYED else LIVE,
                changes=changes,
                evidence=evidence(wave.rows[place], event, event_ids[place], float(wave.weight[place])),
                models=labels,
                event_time_ms=int(event["event_time_ms"]),
                cause=event_ids[place] or cause,
            )
        )
    return facts


def evidence(row: Row, event: Row, event_id: str | None, weight: float) -> list[Evidence]:
    """The event itself, then the newest earlier ones on the same topic out of the ring of last actions."""
    named = [Evidence(event_id, source_name(event["source"]), rfc3339(event["event_time_ms"]), round(weight, 3))]
    newest = (int(row["events"]) - 1) % RECENT
    for back in range(1, RECENT):
        at = (newest - back) % RECENT
        same = row["recent_topic"][at] == event["category"] and row["recent_source"][at] != event["source"]
        if row["recent_s"][at] and same and len(named) < EVIDENCE:
            age = abs(int(event["event_time_ms"]) - int(row["recent_s"][at]) * 1000)
            share = weight * 2.0 ** -round(age / 1_800_000, 1)
            source = source_name(row["recent_source"][at])
            named.append(Evidence(None, source, rfc3339(int(row["recent_s"][at]) * 1000), round(share, 3)))
    return named


def anomaly_facts(
    wave: Wave, keys: list[bytes], event_ids: list[str | None], verdict: anomalies.Verdict, policy: Policy
) -> list[AnomalyChanged]:
    """The anomalies that were raised or cleared by activities of a wave."""
    facts = []
    for place, kind, raised in verdict.steps():
        event = wave.events[place]
        named = evidence(wave.rows[place], event, event_ids[place], float(wave.weight[place]))
        cause = event_ids[place] or source_name(event["source"])
        time_ms = int(event["event_time_ms"])
        facts.append(anomaly_fact(wave.rows[place], keys[place], kind, raised, named, time_ms, cause, policy))
    return facts


def anomaly_fact(
    row: Row,
    key: bytes,
    kind: int,
    raised: bool,
    named: list[Evidence],
    time_ms: int,
    cause: str,
    policy: Policy,
) -> AnomalyChanged:
    """One step of an anomaly of `row`."""
    score = float(row["alarm_score"][kind])
    enter = (policy.velocity_enter, policy.spend_enter, policy.drift_enter)[kind]
    contributions = _contributions(row, kind)
    fact = AnomalyRaised if raised else AnomalyCleared
    return fact(
        profile_id=key.decode(),
        kind=ANOMALIES[kind],
        serial=int(row["alarm_count"][kind]),
        severity=int(min(100, max(1, 50 * score / enter))) if raised else 0,
        score=round(score, 4),
        contributions=contributions,
        evidence=named,
        first_seen=rfc3339(int(row["alarm_s"][kind]) * 1000),
        last_seen=rfc3339(time_ms),
        reading=_reading(kind, raised, contributions),
        event_time_ms=time_ms,
        cause=cause,
    )


def _contributions(row: Row, kind: int) -> dict[str, float]:
    """The signals behind a score, in units a person knows."""
    if kind == anomalies.VELOCITY:
        return {"events_last_minute": round(float(row["burst"]), 2), "events_of_a_week": round(float(row["usual"]), 2)}
    if kind == anomalies.SPEND:
        usual = 2.0 ** (float(row["order_location"]) - float(np.log2(100.0)))
        return {"usual_order": round(usual, 2), "robust_z": round(float(row["alarm_score"][kind]), 2)}
    interest: npt.NDArray[np.int16] = row["interest"]
    distance = float(anomalies.cosine_distance(interest[None, 0], interest[None, 2])[0])
    return {"distance": round(distance, 4), "usual_distance": round(float(row["drift_usual"]), 4)}


def _reading(kind: int, raised: bool, signals: dict[str, float]) -> str:
    """What a person on a risk team would say."""
    if not raised:
        return f"{ANOMALIES[kind]} is back to usual"
    if kind == anomalies.VELOCITY:
        return f"{signals['events_last_minute']:.0f} events within about a minute: a burst, or not a person"
    if kind == anomalies.SPEND:
        return f"an order {signals['robust_z']:.1f} deviations above this shopper's usual {signals['usual_order']:.2f}"
    return f"this session's interests are {signals['distance']:.2f} away from the long-term ones: someone else?"
