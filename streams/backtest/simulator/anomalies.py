"""Anomalies raised during a backtest, and the time of the first adopted anomaly model."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from liveprofile.profiles.anomalies.adopted import ANOMALY_MODEL
from liveprofile.profiles.facts.facts import AnomalyChanged
from liveprofile.profiles.records.activity import decode_tail
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.backtest.simulator.detection import Alert
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.learn.stage import ADOPT_KEY


class Alerts:
    """An output of the engine: one alert per anomaly, with its largest severity."""

    def __init__(self, topics: Topics, dims: int) -> None:
        self.facts = 0
        self.since_ms: int | None = None
        """Time of the first calibration of the detectors; None before."""
        self._topics, self._dims = topics, dims
        self._alerts: dict[str, Alert] = {}
        self._decoder = msgspec.json.Decoder(AnomalyChanged)

    def __call__(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        """Take output records of the engine."""
        if topic == self._topics.profile_anomalies:
            self.facts += len(records)
            for record in records:
                self._take(record)
        elif topic == self._topics.activity and self.since_ms is None:
            self.since_ms = next((one.timestamp for one in records if self._calibrates(one)), None)

    def raised(self) -> Iterable[Alert]:
        """In the order in which they were raised."""
        return self._alerts.values()

    def _take(self, record: MemoryRecord) -> None:
        fact = self._decoder.decode(record.value or b"")
        weight = fact.severity + fact.score / 1e6
        if fact.state == "raised":
            self._alerts[fact.anomaly_id] = Alert(record.key or b"", fact.kind, _time_ms(record), weight)
        elif fact.state == "updated":
            self._alerts[fact.anomaly_id].weight = max(self._alerts[fact.anomaly_id].weight, weight)

    def _calibrates(self, record: MemoryRecord) -> bool:
        if record.key != ADOPT_KEY:
            return False
        adopted = decode_tail(record.value or b"", self._dims).adopted
        return isinstance(adopted, dict) and adopted["what"] == ANOMALY_MODEL


def _time_ms(record: MemoryRecord) -> int:
    """The event time of a fact."""
    event_time = next(value for name, value in record.headers if name == "ce_time")
    return round(datetime.fromisoformat(event_time.decode()).timestamp() * 1000)
