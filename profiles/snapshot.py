"""The snapshot: a profile as the compacted `profiles` topic shows it to everybody else."""

from base64 import b64encode
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.activity import VECTOR_ONE, Action, source_name
from profiles.changes import BANDS, PARTS_OF_DAY
from profiles.exact import remaining
from profiles.facts import rfc3339
from profiles.model import AdoptedModel
from profiles.names import Names
from profiles.policy import Policy
from profiles.row import ANOMALIES, RECENT, SCALES

LEAST_SHARE = 0.01
"""Topics and brands below this share are left out."""


def snapshot(
    row: np.void, profile_id: str, names: Names, model: AdoptedModel | None, policy: Policy, currency: str
) -> dict[str, Any]:
    """One profile as JSON values, decayed to its newest event. Vectors are base64 float16 of unit length."""
    return {
        "profile_id": profile_id,
        "version": int(row["version"]),
        "first_seen": rfc3339(row["first_ms"]),
        "last_seen": rfc3339(row["seen_ms"]),
        "events": {"total": int(row["events"]), "by_action": _by_action(row["by_action"].tolist())},
        "interests": {scale: _interests(row, at, names) for at, scale in enumerate(SCALES)},
        "brands": _brands(row, names),
        "spend": _spend(row, currency),
        "hours": _hours(row),
        "session": _session(row),
        "recent": _recent(row, names),
        "cluster": {"id": int(row["cluster"]), "model": model.label} if model and row["cluster"] >= 0 else None,
        "anomalies": _anomalies(row),
        "said": {scale: [names.name(x) for x in row["said_topic"][at] if x] for at, scale in enumerate(SCALES)},
        "vectors": {"dim": policy.dims} | {scale: _vector(row["interest"][at]) for at, scale in enumerate(SCALES)},
        "policy": policy.digest,
    }


def interests_at(row: np.void, time_ms: int, policy: Policy) -> npt.NDArray[np.float64]:
    """The weights of the three scales (3,) at a time not before the newest event: read lazily, never swept."""
    elapsed_ms = time_ms - int(row["seen_ms"])
    left = [remaining(elapsed_ms, half_life_s) for half_life_s in policy.rules.half_lives_s[: len(SCALES)]]
    masses: npt.NDArray[np.float64] = row["mass"] * np.array(left)
    return masses


def _by_action(counts: list[float]) -> dict[str, float]:
    return {action.name.lower(): round(counts[action], 2) for action in Action if counts[action] >= LEAST_SHARE}


def _ranked(ids: list[int], masses: list[float], total: float) -> list[tuple[int, float, float]]:
    """Name digest, share and weight of those worth telling, the heaviest first."""
    total = max(total, sum(masses))
    shares = [(id_, mass / total, mass) for id_, mass in zip(ids, masses, strict=True) if id_ and total > 0]
    return sorted([one for one in shares if one[1] >= LEAST_SHARE], key=lambda one: (-one[1], one[0]))


def _interests(row: np.void, scale: int, names: Names) -> list[dict[str, Any]]:
    ranked = _ranked(row["topic"].tolist(), row["topic_mass"][scale].tolist(), float(row["mass"][scale]))
    return [{"topic": names.name(id_), "share": round(share, 4), "mass": round(mass, 3)} for id_, share, mass in ranked]


def _brands(row: np.void, names: Names) -> list[dict[str, Any]]:
    ranked = _ranked(row["brand"].tolist(), row["brand_mass"].tolist(), 0.0)
    return [{"brand": names.name(id_), "share": round(share, 4)} for id_, share, _ in ranked]


def _spend(row: np.void, currency: str) -> dict[str, Any]:
    return {
        "band": BANDS[row["said_band"]],
        "total": round(int(row["spent"]) / 100, 2),
        "refunded": round(int(row["refunded"]) / 100, 2),
        "orders": int(row["orders"]),
        "refunds": int(row["refunds"]),
        "recent": round(float(row["spend_recent"]) / 100, 2),
        "currency": currency,
    }


def _hours(row: np.void) -> dict[str, Any]:
    shares = [round(share / VECTOR_ONE, 4) for share in row["hours"].tolist()]
    return {"histogram": shares, "daypart": PARTS_OF_DAY[row["said_part"] - 1] if row["said_part"] else None}


def _session(row: np.void) -> dict[str, Any]:
    counts = row["session_by_action"].tolist()
    return {
        "started": rfc3339(row["session_start_ms"]),
        "events": int(row["session_events"]),
        "actions": {action.name.lower(): counts[action] for action in Action if counts[action]},
    }


def _recent(row: np.void, names: Names) -> list[dict[str, Any]]:
    """The last actions, newest first."""
    newest = (int(row["events"]) - 1) % RECENT
    places = [(newest - back) % RECENT for back in range(RECENT)]
    return [
        {
            "ts": rfc3339(int(row["recent_s"][at]) * 1000),
            "action": Action(row["recent_action"][at]).name.lower(),
            "topic": names.name(row["recent_topic"][at]) if row["recent_topic"][at] else None,
            "source": source_name(row["recent_source"][at]),
        }
        for at in places
        if row["recent_s"][at]
    ]


def _anomalies(row: np.void) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "score": round(float(row["alarm_score"][at]), 3),
            "since": rfc3339(int(row["alarm_s"][at]) * 1000),
        }
        for at, kind in enumerate(ANOMALIES)
        if row["alarm_s"][at]
    ]


def _vector(mean: npt.NDArray[np.int16]) -> str:
    length = float(np.sqrt(np.square(mean.astype(np.float64)).sum()))
    unit = mean / length if length > 0 else mean.astype(np.float64)
    return b64encode(unit.astype("<f2").tobytes()).decode()
