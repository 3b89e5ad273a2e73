"""A small shop as the topics have it, with a shopper whose every text is hostile."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from support.hostile_values import NASTY_TEXTS
from support.served import Served
from support.serving import change, snapshot
from support.serving_fakes import profile_id

SHOPPERS = 24
HOSTILE = 13
NASTY = [*(text for text in NASTY_TEXTS if "\x00" not in text)][:8]
ANOMALY_ID = "00000000-0000-5000-8000-00000000000a"


def time_of(seconds_ago: float) -> str:
    """A time as records have it."""
    return (
        (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def evidence(seconds_ago: float) -> list[dict[str, Any]]:
    """One event."""
    return [{"event_id": "e1", "source": "clicks/0/1", "ts": time_of(seconds_ago), "contribution": 1.5}]


def said(number: int, version: int, path: str, before: Any, after: Any, message: str) -> bytes:
    """A change with a message and an event of now."""
    record = change(number, version, path, before, after, evidence=evidence(0))
    record["changes"][0]["message"] = message
    return json.dumps(record).encode()


def anomaly_step(number: int, step: int, state: str, reading: str, anomaly_id: str = ANOMALY_ID) -> bytes:
    """A step of an anomaly."""
    record = {
        "anomaly_id": anomaly_id,
        "profile_id": profile_id(number),
        "state": state,
        "kind": "velocity",
        "serial": 1,
        "step": step,
        "severity": 50 + 10 * step,
        "score": 4.0 + step,
        "p_value": 0.0001,
        "contributions": {"events_last_minute": 40.0, "events_of_a_week": 60.0},
        "votes": {"velocity": 2.0},
        "rule": None,
        "evidence": evidence(60 - step),
        "first_seen": time_of(60),
        "last_seen": time_of(60 - step),
        "reading": reading,
        "message": f"Anomaly velocity was {state}, severity {50 + 10 * step}: {reading}",
    }
    return json.dumps(record).encode()


def fill(served: Served) -> None:
    """Profiles with changes; one has an anomaly; one has nothing but hostile texts."""
    topics = served.topics
    for number in range(1, SHOPPERS + 1):
        nasty = NASTY[number % len(NASTY)] if number == HOSTILE else None
        key = profile_id(number)
        topic = nasty or "home/cookware"
        fields: dict[str, Any] = {
            "first_seen": time_of(90_000),
            "last_seen": time_of(30),
            "events": {"total": 12, "by_action": {"view": 12.0}},
            "interests": {
                scale: [{"topic": topic, "share": 0.8, "mass": 9.0}] for scale in ("session", "short", "long")
            },
            "slots": [{"slot": 1, "topic": None, "share": 0.2, "item": None, "last_seen": time_of(30)}],
            "brands": [{"brand": text, "share": 0.4} for text in (NASTY if nasty else ["Asana Lane"])],
            "hours": {"histogram": [0.0] * 9 + [4.0] + [0.0] * 14, "daypart": "morning"},
            "spend": {"band": "middle", "total": 80.0, "recent": 80.0, "orders": 2, "refunded": 0.0, "currency": "EUR"},
            "quality": {"completeness": 0.5, "freshness": 1.0, "consistency": 1.0, "confidence": 0.7},
            "anomalies": [{"kind": "velocity", "score": 6.0, "severity": 70, "since": time_of(60)}]
            if number == 2
            else [],
            "said": {"session": [], "short": [], "long": [topic]},
        }
        if nasty:
            fields["declared"] = [
                {"name": text, "value": text, "since": time_of(60), "how": "declared"} for text in NASTY
            ]
        messages = [
            f"Interest in {text} entered short-term interests: {text}" for text in (NASTY if nasty else ["cookware"])
        ]
        changes = [said(number, at + 1, "interests.short", [], [topic], text) for at, text in enumerate(messages)]
        served.put(topics.profile_changes, key, *changes)
        served.put(topics.profiles, key, json.dumps(snapshot(number, version=len(changes), **fields)).encode())
    steps = [
        anomaly_step(2, step, state, "41 events within about a minute")
        for step, state in ((1, "raised"), (2, "updated"))
    ]
    served.put(topics.profile_anomalies, profile_id(2), *steps)
    hostile = anomaly_step(HOSTILE, 1, "raised", NASTY[0] + NASTY[1], "00000000-0000-5000-8000-00000000000b")
    served.put(topics.profile_anomalies, profile_id(HOSTILE), hostile)
