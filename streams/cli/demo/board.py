"""The data of the demo: counts, the latest facts, one shopper. The observer fills it, the view draws it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liveprofile.streams.cli.demo.meter import Meter
from liveprofile.streams.transport.connection import Bootstrap

_FACTS_KEPT = 40
_QUIET_S = 10.0
"""A shopper without published changes for this long is replaced by another one."""
_ACTIVE_FACTS = 3
"""Number of recent changes of a shopper that is followed."""

Fact = tuple[str, Mapping[str, Any]]
"""Local time of the event, and the record."""


@dataclass
class Board:
    """The state of the demo."""

    bootstrap: Bootstrap = ""
    started_s: float = 0.0
    now_s: float = 0.0
    """Monotonic seconds."""
    page: str = ""
    """The address of the page; empty if there is none."""
    meter: Meter = field(default_factory=Meter)
    changes: deque[Fact] = field(default_factory=lambda: deque(maxlen=_FACTS_KEPT))
    anomalies: deque[Fact] = field(default_factory=lambda: deque(maxlen=_FACTS_KEPT))
    shopper: str = ""
    """The profile id of the followed shopper; empty before there is an active one."""
    snapshot: Mapping[str, Any] | None = None
    published: deque[Fact] = field(default_factory=lambda: deque(maxlen=6))
    notice: str = ""
    """What is wrong at the moment, in a sentence; empty if nothing is."""
    language: str = "en"
    """Of the labels beside what records say."""
    _shopper_s: float = 0.0

    def add_change(self, time: str, record: Mapping[str, Any]) -> None:
        """Add a published change."""
        self.meter.changes += 1
        self.changes.appendleft((time, record))
        profile_id = str(record.get("profile_id"))
        if profile_id == self.shopper:
            self.published.appendleft((time, record))
            self._shopper_s = self.now_s
        elif self._may_switch() and self._is_active(profile_id):
            self._follow(profile_id)

    def add_anomaly(self, time: str, record: Mapping[str, Any]) -> None:
        """Add a raised, updated or cleared anomaly; only raised ones are counted."""
        self.meter.anomalies += record.get("state") == "raised"
        self.anomalies.appendleft((time, record))

    def add_snapshot(self, snapshot: Mapping[str, Any]) -> None:
        """Set the latest snapshot of the followed shopper."""
        self.snapshot = snapshot

    @property
    def elapsed_s(self) -> float:
        """Seconds since traffic began."""
        return max(0.0, self.now_s - self.started_s)

    def _may_switch(self) -> bool:
        return not self.shopper or self.now_s - self._shopper_s > _QUIET_S

    def _is_active(self, profile_id: str) -> bool:
        """Whether this shopper's profile changes often; any shopper counts while none is followed."""
        facts: int = sum(record.get("profile_id") == profile_id for _, record in self.changes)
        return facts >= (_ACTIVE_FACTS if self.shopper else 1)

    def _follow(self, profile_id: str) -> None:
        self.shopper, self.snapshot, self._shopper_s = profile_id, None, self.now_s
        self.published.clear()
        self.published.extend(fact for fact in self.changes if fact[1].get("profile_id") == profile_id)
