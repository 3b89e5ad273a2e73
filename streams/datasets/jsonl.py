"""Reads records of our contract as JSON lines; the field `topic` is the input topic."""

from collections.abc import Iterable, Iterator

import orjson

from liveprofile.streams.datasets.record import TOPICS, Record, Skipped, utc_ms

_SECONDS_BELOW = 100_000_000_000


def read(lines: Iterable[str], skipped: Skipped) -> Iterator[Record]:
    """Yield records in the order of the file. The records are not validated: ingest does that."""
    for line in lines:
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
            topic = fields.pop("topic")
        except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
            skipped["not a JSON object with a topic"] += 1
            continue
        if topic not in TOPICS:
            skipped[f"topic {topic!r} is no input topic"] += 1
            continue
        key = fields.get("user_id") or fields.get("anonymous_id") or ""
        yield Record(topic, str(key), _with_time(fields))


def _with_time(fields: dict[str, object]) -> dict[str, object]:
    """The record with `ts` in milliseconds if it is a time, so that it can be paced."""
    ts = fields.get("ts")
    try:
        if isinstance(ts, str):
            fields["ts"] = utc_ms(ts)
        elif isinstance(ts, int | float) and not isinstance(ts, bool):
            fields["ts"] = round(ts * 1000 if abs(ts) < _SECONDS_BELOW else ts)
    except (ValueError, OverflowError):
        pass
    return fields
