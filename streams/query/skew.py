"""Partitions that lag while the others of their stage keep up, and the profile that makes most of their activities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from liveprofile.streams.query.lag import Lag
from liveprofile.streams.query.positions import Place

LAGS_S = 1.0
"""A partition that is behind by less keeps up."""
ALONE = 5
"""It lags alone if no other partition of its stage is behind by more than one in so many of its seconds."""
WAITED_FOR = ("ingest", "profile")
"""Stages for which a change waits. The others commit at their checkpoints, so that seconds are usual."""
SAMPLE = 5_000
"""The newest activities of a partition in which a profile's share is counted."""
HOT_SHARE = 0.2
"""A profile with a smaller share explains nothing."""


class HotProfile(msgspec.Struct, frozen=True):
    """The profile with most of a partition's last activities."""

    profile_id: str
    share: float
    activities: int
    """How many were looked at."""
    anomalies: list[str] = []
    """Kinds of its open anomalies."""


class Laggard(msgspec.Struct, frozen=True):
    """A partition that lags alone."""

    stage: str
    topic: str
    partition: int
    lag_seconds: float
    why: Literal["hot_profile", "no_owner", "loading", "unknown"]
    profile: HotProfile | None = None


def lag_alone(stages: Mapping[Place, Lag]) -> list[Place]:
    """The partitions that lag while the others of their stage keep up.

    >>> behind, fine = Lag(900, 12.0), Lag(3, 0.1)
    >>> lag_alone({("profile", "activity", 0): fine, ("profile", "activity", 3): behind})
    [('profile', 'activity', 3)]
    >>> lag_alone({("profile", "activity", 0): behind, ("profile", "activity", 3): behind})
    []
    """
    found = []
    for place, lag in stages.items():
        others = [other.seconds for one, other in stages.items() if one[0] == place[0] and one != place]
        if place[0] in WAITED_FOR and lag.seconds >= LAGS_S and others and max(others) * ALONE <= lag.seconds:
            found.append(place)
    return found


def hottest(keys: Sequence[bytes | None]) -> HotProfile | None:
    """The profile with most of these activities; None if none has many. Control records are not of a profile."""
    counts = Counter(key for key in keys if key and not key.startswith(b"\x00"))
    if not counts:
        return None
    key, count = counts.most_common(1)[0]
    share = count / counts.total()
    return HotProfile(key.decode("ascii", "replace"), round(share, 3), counts.total()) if share >= HOT_SHARE else None


def open_kinds(anomalies: Iterable[Mapping[str, object]], profile_id: str) -> list[str]:
    """The kinds of a profile's anomalies that are not cleared; `anomalies` are records in the order of their steps.

    >>> steps = [{"profile_id": "a", "anomaly_id": n, "kind": "bot", "state": state} for n, state in
    ...          [(1, "raised"), (1, "cleared"), (2, "raised")]]
    >>> open_kinds(steps, "a"), open_kinds(steps, "b")
    (['bot'], [])
    """
    latest = {one.get("anomaly_id"): one for one in anomalies if one.get("profile_id") == profile_id}
    return sorted({str(one.get("kind")) for one in latest.values() if one.get("state") != "cleared"})
