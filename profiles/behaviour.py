"""Counts, rates, active hours, the session and the ring of last actions."""

import numpy as np
import numpy.typing as npt

from profiles.activity import VECTOR_ONE
from profiles.means import blend, pattern_of
from profiles.policy import Policy
from profiles.row import EVENT_IDS, RECENT
from profiles.wave import BURST, Wave

HOUR_MS = 3_600_000
COUNT_LIMIT = 65535


def update_behaviour(wave: Wave, policy: Policy) -> None:
    """Count the activity in everything that says how much, how often and when."""
    _update_session(wave, policy)
    _update_counts(wave)
    _update_hours(wave)
    _update_rings(wave)


def _update_counts(wave: Wave) -> None:
    rows, whole = wave.rows, wave.whole
    rows["by_action"] *= wave.keep[:, 2:3]
    rows["by_action"][np.arange(len(rows)), wave.events["action"]] += wave.fresh[:, 2] * whole
    rows["burst"] = rows["burst"] * wave.keep[:, BURST] + wave.fresh[:, BURST] * whole
    rows["usual"] = rows["usual"] * wave.keep[:, 1] + wave.fresh[:, 1] * whole


def _update_hours(wave: Wave) -> None:
    """The share of each hour of the day is a mean of one-hot vectors, kept like an interest."""
    rows = wave.rows
    target = np.zeros((len(rows), 24), np.float32)
    target[np.arange(len(rows)), wave.events["event_time_ms"] // HOUR_MS % 24] = VECTOR_ONE
    added = wave.fresh[:, 2] * wave.whole
    mass = rows["hours_mass"] * wave.keep[:, 2] + added
    gain = np.divide(added, mass, out=np.zeros_like(mass), where=mass > 0)
    rows["hours"] = blend(rows["hours"], target, gain, pattern_of(wave.events["source"]))
    rows["hours_mass"] = mass


def _update_session(wave: Wave, policy: Policy) -> None:
    """A session ends by a pause, or when the client says another one."""
    rows, named = wave.rows, wave.events["session"]
    other = (named != 0) & (rows["session"] != 0) & (named != rows["session"]) & (wave.pause_ms >= 0)
    new = wave.first | other | (wave.pause_ms > policy.session_gap_s * 1000)
    rows["session"] = np.where(new | (rows["session"] == 0), named, rows["session"])
    rows["session_start_ms"] = np.where(new, wave.events["event_time_ms"], rows["session_start_ms"])
    counts = rows["session_by_action"]
    counts[new] = 0
    at = np.arange(len(rows)), wave.events["action"]
    counts[at] = np.minimum(counts[at] + wave.whole, COUNT_LIMIT - 1)
    rows["session_events"] = np.minimum(np.where(new, 0, rows["session_events"]) + wave.whole, COUNT_LIMIT - 1)


def _update_rings(wave: Wave) -> None:
    rows, events = wave.rows, wave.events
    at = np.arange(len(rows)), rows["events"] % RECENT
    rows["recent_s"][at] = events["event_time_ms"] // 1000
    rows["recent_action"][at] = events["action"]
    rows["recent_topic"][at] = events["category"]
    rows["recent_item"][at] = events["item"]
    rows["recent_source"][at] = events["source"]
    named = np.flatnonzero(events["event_digest"])
    rows["event_ids"][named, rows["events"][named] % EVENT_IDS] = short_digests(events["event_digest"][named])
    rows["events"] += 1


def short_digests(digests: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """The 32 bits of an event's digest that the ring of event ids keeps; never 0."""
    low: npt.NDArray[np.uint32] = np.maximum(digests & np.uint64(0xFFFFFFFF), np.uint64(1)).astype(np.uint32)
    return low
