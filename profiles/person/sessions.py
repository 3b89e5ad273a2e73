"""The sessions of a person: that of the facet seen last, and what goes on beside it on other devices."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.own_session import BESIDE_ONE, MEAN_ONE
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.person.facet import Aligned
from liveprofile.profiles.person.fields import SESSION
from liveprofile.profiles.state.row import OPEN_SESSIONS, SLOT_DIMS, Row

COUNT_LIMIT = 65_535
"""Maximum of the counts of a session."""
Numbers = npt.NDArray[np.float64]


@dataclass(eq=False)
class Session:
    """One session, with its part of the session interests, decayed to the person's time."""

    number: int
    """Digest of its id; 0 for a session without one."""
    start_ms: int
    seen_ms: int
    events: int
    by_action: Numbers
    """(ACTION_COUNT,)"""
    pages: float
    pace: tuple[float, float]
    mass: float
    towards: Numbers
    """Weight times mean (SLOT_DIMS,), in units of 1.0."""
    topics: dict[int, float]
    """Weights by topic."""

    def take(self, other: "Session") -> None:
        """Add another device's part of the same session; the pace is that of the part seen last."""
        if other.seen_ms > self.seen_ms:
            self.pace = other.pace
        self.start_ms, self.seen_ms = min(self.start_ms, other.start_ms), max(self.seen_ms, other.seen_ms)
        self.events, self.by_action = self.events + other.events, self.by_action + other.by_action
        self.pages, self.mass, self.towards = (
            self.pages + other.pages,
            self.mass + other.mass,
            self.towards + other.towards,
        )
        for topic, mass in other.topics.items():
            self.topics[topic] = self.topics.get(topic, 0.0) + mass


def compose_sessions(out: Row, of: Aligned, policy: Policy) -> None:
    """Set the current session and those beside it; `out` has its composed topics already.

    The current session is that of the facet seen last. Another facet's session goes on beside it if it was seen within
    `session_gap_s`. Parts with one id are one session. What has no id belongs to the current one, as in the fold.
    """
    current = _current(of, of.newest)
    since_ms = of.seen_ms - int(policy.session_gap_s * 1000)
    beside: dict[int, Session] = {}
    for at in range(len(of.rows)):
        for session in [*([_current(of, at)] if at != of.newest else []), *_open(of, at)]:
            if session.seen_ms < since_ms:
                continue
            if session.number in (0, current.number):
                current.take(session)
            elif session.number in beside:
                beside[session.number].take(session)
            else:
                beside[session.number] = session
    latest = sorted(beside.values(), key=lambda one: (-one.seen_ms, one.number))[:OPEN_SESSIONS]
    out["novel"] = of.rows[of.newest]["novel"]
    _write_current(out, current)
    _write_beside(out, latest)


def _current(of: Aligned, at: int) -> Session:
    """A facet's current session; its interests are what the sessions beside it leave of the session scale."""
    row, keep = of.rows[at], float(of.keep[at, SESSION])
    dims = min(SLOT_DIMS, row["interest"].shape[1])
    towards = np.zeros(SLOT_DIMS)
    towards[:dims] = float(row["mass"][SESSION]) * keep * row["interest"][SESSION][:dims] / MEAN_ONE
    found = Session(
        number=int(row["session"]),
        start_ms=int(row["session_start_ms"]),
        seen_ms=int(row["session_seen_ms"]),
        events=int(row["session_events"]),
        by_action=row["session_by_action"].astype(float),
        pages=float(row["pages"]) * keep,
        pace=(float(row["pace"][0]), float(row["pace"][1])),
        mass=float(row["mass"][SESSION]) * keep,
        towards=towards,
        topics=_topics(row, row["topic_mass"][SESSION], keep),
    )
    for other in _open(of, at):
        found.mass = max(found.mass - other.mass, 0.0)
        found.towards -= other.towards
        for topic, mass in other.topics.items():
            found.topics[topic] = max(found.topics.get(topic, 0.0) - mass, 0.0)
    return found


def _open(of: Aligned, at: int) -> Iterator[Session]:
    """The sessions beside the current one of a facet."""
    row, keep = of.rows[at], float(of.keep[at, SESSION])
    for place in range(OPEN_SESSIONS):
        if row["open_session"][place] != 0:
            mass = float(row["open_mass"][place]) * keep
            yield Session(
                number=int(row["open_session"][place]),
                start_ms=int(row["open_start_ms"][place]),
                seen_ms=int(row["open_seen_ms"][place]),
                events=int(row["open_events"][place]),
                by_action=row["open_by_action"][place].astype(float),
                pages=float(row["open_pages"][place]) * keep,
                pace=(float(row["open_pace"][place][0]), float(row["open_pace"][place][1])),
                mass=mass,
                towards=mass * row["open_interest"][place] / BESIDE_ONE,
                topics=_topics(row, row["open_topic_mass"][place], keep),
            )


def _topics(row: Row, masses: Numbers, keep: float) -> dict[int, float]:
    """Decayed weights by topic."""
    return {int(topic): float(mass) * keep for topic, mass in zip(row["topic"], masses, strict=True) if topic != 0}


def _write_current(out: Row, session: Session) -> None:
    out["session"], out["session_start_ms"], out["session_seen_ms"] = session.number, session.start_ms, session.seen_ms
    out["session_events"] = min(session.events, COUNT_LIMIT)
    out["session_by_action"] = np.minimum(session.by_action, COUNT_LIMIT)
    out["pages"], out["pace"] = session.pages, session.pace


def _write_beside(out: Row, sessions: list[Session]) -> None:
    for name in (name for name in out.dtype.names if name.startswith("open_")):
        out[name] = 0
    for place, session in enumerate(sessions):
        out["open_session"][place], out["open_start_ms"][place] = session.number, session.start_ms
        out["open_seen_ms"][place] = session.seen_ms
        out["open_events"][place] = min(session.events, COUNT_LIMIT)
        out["open_by_action"][place] = np.minimum(session.by_action, COUNT_LIMIT)
        out["open_pace"][place], out["open_pages"][place] = session.pace, session.pages
        out["open_mass"][place] = session.mass
        mean = session.towards / session.mass if session.mass > 0 else np.zeros(SLOT_DIMS)
        out["open_interest"][place] = np.clip(np.rint(mean * BESIDE_ONE), -BESIDE_ONE, BESIDE_ONE)
        out["open_topic_mass"][place] = [session.topics.get(int(topic), 0.0) for topic in out["topic"]]
