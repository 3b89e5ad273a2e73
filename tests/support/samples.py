"""Output records as tests of consumers need them: short to write."""

import msgspec

from liveprofile.profiles.facts.facts import AnomalyChanged, Change, Code, ProfileChanged, Reason, anomaly_id

NOW = "2026-01-05T12:00:00.000Z"


def changed(profile_id: str, version: int, path: str = "interests.session") -> ProfileChanged:
    """A version with one change."""
    reason = Reason(Code.INTEREST_ENTERED, "share-enters@1", 0.34, 0.5)
    change = Change(path, "add", [], [f"topic {version}"], reason)
    return ProfileChanged(profile_id, version, "live", [change], [], {"config": "a0dccebb3a13"})


def anomaly(profile_id: str, state: str, step: int, kind: str = "velocity") -> AnomalyChanged:
    """A step of the first anomaly of its kind."""
    number = anomaly_id(profile_id, kind, 1)
    value = {
        "anomaly_id": number,
        "profile_id": profile_id,
        "state": state,
        "kind": kind,
        "serial": 1,
        "step": step,
        "severity": 60,
        "score": 6.5,
        "p_value": 0.001,
        "contributions": {"rate": 6.5},
        "votes": {"rate": 3.0},
        "rule": None,
        "evidence": [],
        "first_seen": NOW,
        "last_seen": NOW,
        "reading": "40 events in a minute, 2 are usual",
    }
    return msgspec.convert(value, AnomalyChanged)


def snapshot_value(profile_id: str, version: int) -> bytes:
    """A snapshot as it stands on the topic, of a profile about which little is known."""
    from liveprofile.profiles.fold.fold import Fold
    from liveprofile.profiles.kernel.policy import Policy

    fold, key = Fold(Policy()), profile_id.encode()
    fold.table.rows["version"][fold.table.places([key])] = version
    return msgspec.json.encode(fold.snapshots([key])[0])
