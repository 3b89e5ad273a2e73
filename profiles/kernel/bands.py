"""Bands: decides a band with hysteresis, and publishes it when it is due."""

from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.rate_limit import is_due_at
from liveprofile.profiles.numeric.hysteresis import band_around_zero, crossed, ladder_band, ladder_bound
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def around_zero(before: int, value: float, enter: float, leave: float) -> tuple[int, float]:
    """The band of a value around zero, and the bound that was crossed to get there.

    >>> around_zero(0, 0.7, 0.5, 0.3), around_zero(3, 0.2, 0.5, 0.3)
    ((3, 0.5), (2, 0.3))
    """
    after = band_around_zero(before, value, enter, leave)
    return after, crossed(before, after, enter, leave)


@compiled
def on_ladder(before: int, value: float, bounds: tuple[float, ...], exit_factor: float) -> tuple[int, float]:
    """The band of a value above rising bounds, and the bound that was crossed; 0.0 where none was.

    >>> on_ladder(0, 60.0, (50.0, 100.0), 0.5), on_ladder(2, 40.0, (50.0, 100.0), 0.5)
    ((1, 50.0), (1, 50.0))
    """
    after = ladder_band(before, value, bounds, exit_factor)
    return after, ladder_bound(before, after, bounds, exit_factor) if after != before else 0.0


@compiled
def publish_band(
    row: Row,
    path: int,
    before: int,
    after: int,
    bound: float,
    observed: float,
    interval_s: float,
    time_ms: int,
    most: float,
    detections: Detections,
    count: int,
) -> int:
    """Record the change of a band as of `time_ms` if it is due; returns the band that is published then.

    It is suppressed while more than `most` of the publish budget is used, see `rate_limit`.
    """
    if not is_due_at(row, time_ms, most, path, interval_s):
        return before
    record_detection(detections[count], path, before, after, bound, observed)
    return after
