"""From what a wave detected to facts: evidence, reasons in words, contributions."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles import anomalies
from profiles.activity import Flag, source_name
from profiles.changes import Detection
from profiles.facts import AnomalyChanged, AnomalyCleared, AnomalyRaised, Evidence, ProfileChanged, rfc3339
from profiles.interests import cosine_distance
from profiles.policy import Policy
from profiles.row import ANOMALIES, RECENT
from profiles.wave import Wave

EVIDENCE = 3
"""Events named at most per fact."""
LIVE, REPLAY = "live", "replay"

Row = np.void


class Cause(NamedTuple):
    """What a fact follows from: its time, its name for people, its place in `activity`."""

    time_ms: int
    name: str
    offset: int


def changed_facts(
    wave: Wave, keys: list[bytes], event_ids: list[str | None], found: list[Detection], labels: dict[str, str | None]
) -> list[ProfileChanged]:
    """One fact per profile that changed, with all its changes, and the profiles' versions counted up."""
    said = np.stack([detection.said for detection in found])
    places = np.flatnonzero(said.any(axis=0))
    wave.rows["version"][places] += 1
    versions = wave.rows["version"][places].tolist()
    named = evidence(wave, places, event_ids)
    replayed = (wave.events["flags"][places] & Flag.REPLAYED).astype(bool).tolist()
    times_ms, offsets = wave.events["event_time_ms"][places].tolist(), wave.offsets[places].tolist()
    return [
        ProfileChanged(
            profile_id=keys[place].decode(),
            version=versions[i],
            origin=REPLAY if replayed[i] else LIVE,
            changes=[detection.describe(place) for detection in found if detection.said[place]],
            evidence=named[i],
            models=labels,
            event_time_ms=times_ms[i],
            cause=event_ids[place] or named[i][0].source,
            activity_offset=offsets[i],
        )
        for i, place in enumerate(places.tolist())
    ]


def evidence(wave: Wave, places: npt.NDArray[np.int64], event_ids: list[str | None]) -> list[list[Evidence]]:
    """For profiles at `places`: the event itself, then earlier ones on its topic from the ring, newest first."""
    rows, events = wave.rows[places], wave.events[places]
    now_ms = events["event_time_ms"].tolist()
    topics, sources = events["category"].tolist(), events["source"].tolist()
    weights = wave.weight[places].tolist()
    rings = zip(
        ((rows["events"] - 1) % RECENT).tolist(),
        rows["recent_s"].tolist(),
        rows["recent_topic"].tolist(),
        rows["recent_source"].tolist(),
        strict=True,
    )
    named = []
    for i, (newest, at_s, topic, source) in enumerate(rings):
        first = Evidence(event_ids[places[i]], source_name(sources[i]), rfc3339(now_ms[i]), round(weights[i], 3))
        order = [(newest - back) % RECENT for back in range(1, RECENT)]
        same = [at for at in order if at_s[at] and topic[at] == topics[i] and source[at] != sources[i]]
        named.append(
            [first, *(_earlier(weights[i], now_ms[i] // 1000, at_s[at], source[at]) for at in same[: EVIDENCE - 1])]
        )
    return named


def _earlier(weight: float, now_s: int, at_s: int, source: int) -> Evidence:
    """An earlier action, its weight faded by the half-life of a session."""
    faded = weight * 2.0 ** -round(abs(now_s - at_s) / 1800, 1)
    return Evidence(None, source_name(source), rfc3339(at_s * 1000), round(faded, 3))


def anomaly_facts(
    wave: Wave, keys: list[bytes], event_ids: list[str | None], verdict: anomalies.Verdict, policy: Policy
) -> list[AnomalyChanged]:
    """The anomalies that were raised or cleared by activities of a wave."""
    facts = []
    for place, kind, raised in verdict.steps():
        named = evidence(wave, np.array([place]), event_ids)[0]
        time_ms, offset = int(wave.events["event_time_ms"][place]), int(wave.offsets[place])
        cause = Cause(time_ms, event_ids[place] or named[0].source, offset)
        facts.append(anomaly_fact(wave.rows[place], keys[place], kind, raised, named, cause, policy))
    return facts


def anomaly_fact(
    row: Row,
    key: bytes,
    kind: int,
    raised: bool,
    named: list[Evidence],
    cause: Cause,
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
        last_seen=rfc3339(cause.time_ms),
        reading=_reading(kind, raised, contributions),
        event_time_ms=cause.time_ms,
        cause=cause.name,
        activity_offset=cause.offset,
    )


def _contributions(row: Row, kind: int) -> dict[str, float]:
    """The signals behind a score, in units a person knows."""
    if kind == anomalies.VELOCITY:
        return {"events_last_minute": round(float(row["burst"]), 2), "events_of_a_week": round(float(row["usual"]), 2)}
    if kind == anomalies.SPEND:
        usual = 2.0 ** (float(row["order_location"]) - float(np.log2(100.0)))
        return {"usual_order": round(usual, 2), "robust_z": round(float(row["alarm_score"][kind]), 2)}
    interest: npt.NDArray[np.int16] = row["interest"]
    distance = float(cosine_distance(interest[None, 0], interest[None, 2])[0])
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
