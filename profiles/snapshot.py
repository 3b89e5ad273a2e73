"""Takes the snapshot of a profile: its row put into names, shares and times."""

from base64 import b64encode

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
from profiles.snapshot_record import (
    BrandShare,
    Cluster,
    Events,
    Hours,
    Interests,
    OpenAnomaly,
    ProfileSnapshot,
    Recent,
    Said,
    Session,
    Spend,
    TopicShare,
    Vectors,
)

ACTION_NAMES = tuple(action.name.lower() for action in Action)
LEAST_SHARE = 0.01
"""Topics and brands below this share are left out."""


def snapshot(
    row: np.void,
    profile_id: str,
    names: Names,
    model: AdoptedModel | None,
    policy: Policy,
    currency: str,
    embedder: str | None = None,
) -> ProfileSnapshot:
    """One profile, decayed to its newest event."""
    return ProfileSnapshot(
        profile_id=profile_id,
        version=int(row["version"]),
        first_seen=rfc3339(row["first_ms"]),
        last_seen=rfc3339(row["seen_ms"]),
        events=Events(int(row["events"]), _by_action(row["by_action"].tolist())),
        interests=Interests(*(_topics(row, scale, names) for scale in range(len(SCALES)))),
        brands=_brands(row, names),
        spend=_spend(row, currency),
        hours=_hours(row),
        session=_session(row),
        recent=_recent(row, names),
        cluster=Cluster(int(row["cluster"]), model.label) if model and row["cluster"] >= 0 else None,
        anomalies=_anomalies(row),
        said=Said(*(names.all([int(x) for x in said if x]) for said in row["said_topic"])),
        vectors=Vectors(policy.dims, embedder, *(_vector(mean) for mean in row["interest"])),
        policy=policy.digest,
    )


def interests_at(row: np.void, time_ms: int, policy: Policy) -> npt.NDArray[np.float64]:
    """The weights of the three scales (3,) at a time not before the newest event: read lazily, never swept."""
    elapsed_ms = time_ms - int(row["seen_ms"])
    left = [remaining(elapsed_ms, half_life_s) for half_life_s in policy.rules.half_lives_s[: len(SCALES)]]
    masses: npt.NDArray[np.float64] = row["mass"] * np.array(left)
    return masses


def _by_action(counts: list[float]) -> dict[str, float]:
    return {name: round(count, 2) for name, count in zip(ACTION_NAMES, counts, strict=True) if count >= LEAST_SHARE}


def _ranked(ids: list[int], masses: list[float], total: float) -> list[tuple[int, float, float]]:
    """Name digest, share and weight of those worth telling, the heaviest first."""
    total = max(total, sum(masses))
    shares = [(id_, mass / total, mass) for id_, mass in zip(ids, masses, strict=True) if id_ and total > 0]
    return sorted([one for one in shares if one[1] >= LEAST_SHARE], key=lambda one: (-one[1], one[0]))


def _topics(row: np.void, scale: int, names: Names) -> list[TopicShare]:
    ranked = _ranked(row["topic"].tolist(), row["topic_mass"][scale].tolist(), float(row["mass"][scale]))
    return [TopicShare(names.name(id_), round(share, 4), round(mass, 3)) for id_, share, mass in ranked]


def _brands(row: np.void, names: Names) -> list[BrandShare]:
    ranked = _ranked(row["brand"].tolist(), row["brand_mass"].tolist(), 0.0)
    return [BrandShare(names.name(id_), round(share, 4)) for id_, share, _ in ranked]


def _spend(row: np.void, currency: str) -> Spend:
    return Spend(
        band=BANDS[row["said_band"]],
        total=round(int(row["spent"]) / 100, 2),
        refunded=round(int(row["refunded"]) / 100, 2),
        orders=int(row["orders"]),
        refunds=int(row["refunds"]),
        recent=round(float(row["spend_recent"]) / 100, 2),
        currency=currency,
    )


def _hours(row: np.void) -> Hours:
    shares = [round(share / VECTOR_ONE, 4) for share in row["hours"].tolist()]
    return Hours(shares, PARTS_OF_DAY[row["said_part"] - 1] if row["said_part"] else None)


def _session(row: np.void) -> Session:
    counts = row["session_by_action"].tolist()
    actions = {name: count for name, count in zip(ACTION_NAMES, counts, strict=True) if count}
    return Session(rfc3339(row["session_start_ms"]), int(row["session_events"]), actions)


def _recent(row: np.void, names: Names) -> list[Recent]:
    """The last actions, newest first."""
    newest = int(row["events"]) - 1
    columns = (row["recent_s"], row["recent_action"], row["recent_topic"], row["recent_source"])
    actions = list(zip(*(column.tolist() for column in columns), strict=True))
    ordered = [actions[(newest - back) % RECENT] for back in range(min(RECENT, newest + 1))]
    return [
        Recent(rfc3339(at_s * 1000), ACTION_NAMES[action], names.name(topic) if topic else None, source_name(source))
        for at_s, action, topic, source in ordered
    ]


def _anomalies(row: np.void) -> list[OpenAnomaly]:
    alarms = zip(ANOMALIES, row["alarm_score"].tolist(), row["alarm_s"].tolist(), strict=True)
    return [OpenAnomaly(kind, round(score, 3), rfc3339(at_s * 1000)) for kind, score, at_s in alarms if at_s]


def _vector(mean: npt.NDArray[np.int16]) -> str:
    """A mean as a unit vector; zeros stay zeros."""
    length = float(np.sqrt(np.square(mean.astype(np.float64)).sum()))
    unit = mean / length if length > 0 else mean.astype(np.float64)
    return b64encode(unit.astype("<f2").tobytes()).decode()
