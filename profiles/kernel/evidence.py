"""The evidence of a change: the detection as Python values, its causing activity, and the actions that it names."""

from collections import namedtuple
from typing import Any

import msgspec

from liveprofile.profiles.facts.facts import Evidence, Origin, rfc3339
from liveprofile.profiles.kernel.detections import DETECTION, Detections
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.records.activity import source_name

FADE_S = 1800
"""Half-life of the weight of an earlier action."""

Detection = Any
"""A detection as a tuple of Python values, see `DETECTION`: ten times faster to read than a NumPy record."""
_DetectionValues = namedtuple("_DetectionValues", DETECTION.names or ())  # type: ignore[misc]


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The activity or tick that causes facts."""

    profile_id: str
    event_id: str | None
    source: str
    time_ms: int
    offset: int
    origin: Origin = "live"

    @property
    def name(self) -> str:
        """The cause as named in facts: the client's id, or the place of the record."""
        return self.event_id or self.source


def read_detections(detections: Detections) -> list[Detection]:
    """Detections as tuples of Python values."""
    columns = (detections[name].tolist() for name in DETECTION.names or ())
    return list(map(_DetectionValues._make, zip(*columns, strict=True)))


def evidence_of_detection(detection: Detection, cause: Cause) -> list[Evidence]:
    """The activity itself, then earlier ones on its topic, their weight faded by the half-life of a session.

    None for a change by time alone.
    """
    if cause.origin == "timer":
        return []
    named = [Evidence(cause.event_id, cause.source, rfc3339(cause.time_ms), round(detection.weight, 3))]
    for source, at_s, weight in zip(
        detection.earlier_source, detection.earlier_s, detection.earlier_weight, strict=True
    ):
        if at_s:
            contribution = faded(weight, cause.time_ms // 1000 - at_s)
            named.append(Evidence(None, source_name(source), rfc3339(at_s * 1000), contribution))
    return named


def faded(weight: float, age_s: int) -> float:
    """A weight halved every FADE_S seconds, with the same bits on every machine.

    >>> faded(3.0, 3600)
    0.75
    """
    return round(weight * exp2(-abs(age_s) / FADE_S), 3)
