"""Labels of injected anomalies, written as JSON lines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from liveprofile.streams.simulator.events import Label, SimEvent


@dataclass(slots=True)
class _Sent:
    """The sent events of one anomaly."""

    label: Label
    events: int
    first_ts_ms: int
    first_event_id: str
    last_ts_ms: int = 0
    last_event_id: str = ""


class LabelBook:
    """Collects labelled events, and writes one line when an anomaly begins and one when it has ended.

    A line: `state` begun, ended, or cut-off (the traffic stopped in its middle), `anomaly_id`, `kind`, `user`, `words`,
    `first_ts` and `last_ts` (epoch milliseconds, as in the records), `first_event_id`, `last_event_id`, `events`.
    A broken record is one line with the state ended. Without a path nothing is written, and the counts are kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._open: dict[str, _Sent] = {}
        self._file: BinaryIO | None = path.open("wb") if path else None
        self.injected: dict[str, int] = {}
        """Anomalies begun so far, by kind."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def note(self, event: SimEvent, ts_ms: int) -> None:
        """Note that a labelled event was sent with the time `ts_ms`."""
        label = event.label
        if label is None:
            return
        sent = self._open.get(label.anomaly_id)
        if sent is None:
            sent = self._open[label.anomaly_id] = _Sent(label, 0, ts_ms, event.event_id.decode())
            self.injected[label.kind] = self.injected.get(label.kind, 0) + 1
        sent.events += 1
        sent.last_ts_ms = ts_ms
        sent.last_event_id = event.event_id.decode()
        if sent.events == label.total:
            self._write("ended", self._open.pop(label.anomaly_id))
        elif sent.events == 1:
            self._write("begun", sent)

    def close(self) -> None:
        """Write lines of interrupted anomalies, and close the file."""
        for sent in self._open.values():
            self._write("cut-off", sent)
        self._open.clear()
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, state: str, sent: _Sent) -> None:
        if self._file:
            self._file.write(orjson.dumps(_line(state, sent), option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()


def _line(state: str, sent: _Sent) -> dict[str, Any]:
    return {
        "state": state,
        "anomaly_id": sent.label.anomaly_id,
        "kind": sent.label.kind,
        "user": sent.label.user,
        "words": sent.label.words,
        "first_ts": sent.first_ts_ms,
        "last_ts": sent.last_ts_ms,
        "first_event_id": sent.first_event_id,
        "last_event_id": sent.last_event_id,
        "events": sent.events,
    }
