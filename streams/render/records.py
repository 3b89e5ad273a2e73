"""Renders records of the output topics: coloured lines for a terminal, or one JSON object for a pipe."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from rich.text import Text

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.logs import escape
from liveprofile.streams.query.reader import decoded, header
from liveprofile.streams.render.change_messages import anomaly_sentence, change_sentences, split_message

KINDS = ("changes", "anomalies", "dead-letters")
INDENT = 28
"""The columns before the text of a record."""
ID_CHARS = 8
"""Shown characters of a profile id: enough to identify a shopper, also for `liveprofile show`."""

_CONTENT_CHARS = 100
"""Shown characters of a refused record's structure."""

PATH_STYLES = {
    "interests.session": "cyan",
    "interests.short": "green",
    "interests.long": "bold green",
    "brands": "magenta",
    "spend.band": "yellow",
    "hours": "blue",
    "cluster": "bright_blue",
}


Shown = Callable[[dict[str, Any]], dict[str, Any]]
"""Gives a record the language that its messages are shown in."""


def topic_of(kind: str, topics: Topics) -> str:
    """The topic of a kind of record."""
    return dict(zip(KINDS, (topics.profile_changes, topics.profile_anomalies, topics.dead_letters), strict=True))[kind]


def as_json_line(record: ConsumerRecord, shown: Shown = dict) -> str:
    """The record with its position and its event time; `shown` gives it the language of its messages."""
    value = shown(decoded(record))
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return orjson.dumps({"place": place, "ce_time": header(record, "ce_time")} | value).decode()


def as_text(kind: str, record: ConsumerRecord, shown: Shown = dict) -> list[Text]:
    """The record as lines for a terminal; `shown` gives it the language of its messages."""
    value = shown(decoded(record))
    if "unreadable" in value:
        return [Text(f"{record.topic}/{record.partition}/{record.offset} is no JSON: {value['unreadable']}", "red")]
    return {"changes": change_lines, "anomalies": anomaly_lines, "dead-letters": dead_letter_lines}[kind](
        value, clock(record)
    )


def change_lines(value: Mapping[str, Any], time: str) -> list[Text]:
    """A line for each change of the version; the first carries time, shopper and version."""
    lines = []
    changes = value.get("changes") or [{}]
    for place, (message, change) in enumerate(zip(change_sentences(value), changes, strict=False)):
        what, why = split_message(message)
        line = _start(time, value, f"v{value.get('version', '?')}") if place == 0 else Text(" " * INDENT)
        line.append(escape(what), PATH_STYLES.get(str(change.get("path")), ""))
        if why:
            line.append(f" {escape(why)}", "dim")
        lines.append(line)
    return lines


def anomaly_lines(value: Mapping[str, Any], time: str) -> list[Text]:
    """The message of an anomaly: red, or green if it is cleared."""
    what, why = split_message(anomaly_sentence(value))
    style = "green" if value.get("state") == "cleared" else "bold red"
    line = _start(time, value, str(value.get("state", ""))[:7])
    return [line.append(escape(what), style).append(f" {escape(why)}", "dim")]


def dead_letter_lines(value: Mapping[str, Any], time: str) -> list[Text]:
    """The reason of the refusal and the record's position, then the start of its structure."""
    source = value.get("source")
    place = "/".join(str(part) for part in source.values()) if isinstance(source, Mapping) else str(source or "?")
    line = Text(f"{time}  ", "dim").append(f"{escape(place):<18}  ", "cyan")
    line.append(escape(str(value.get("reason", "refused"))), "bold yellow").append(
        f"  {escape(str(value.get('words', '')))}"
    )
    content = _content(value)
    shortened = content if len(content) <= _CONTENT_CHARS else f"{content[:_CONTENT_CHARS]}…"
    return [line, Text(f"{'':10}{escape(shortened)}", "dim")] if content else [line]


def _content(value: Mapping[str, Any]) -> str:
    """What a dead letter tells of the record: the original if it is kept, else its structure."""
    if original := value.get("original") or value.get("original_base64"):
        return str(original)
    if "structure" in value:
        return orjson.dumps(value["structure"]).decode()
    unparsed = value.get("unparsed")
    return f"{value.get('bytes', 0):,} bytes, {unparsed.get('kind', '')}" if isinstance(unparsed, Mapping) else ""


def clock(record: ConsumerRecord) -> str:
    """Local time of the event if the record has it, else of the record."""
    event_time = header(record, "ce_time")
    try:
        if event_time:
            moment = datetime.fromisoformat(event_time).astimezone()
        else:
            moment = datetime.fromtimestamp(record.timestamp / 1000)
    except (ValueError, OverflowError, OSError):
        return "--:--:--"
    return f"{moment:%H:%M:%S}"


def short_id(value: Mapping[str, Any]) -> str:
    """The start of the profile id."""
    return str(value.get("profile_id", "?"))[:ID_CHARS]


def _start(time: str, value: Mapping[str, Any], mark: str) -> Text:
    """The columns that every line starts with."""
    line = Text(f"{time}  ", "dim", no_wrap=False)
    return line.append(f"{short_id(value):<8}  ", "bold").append(f"{mark:<7} ", "dim")
