"""Logs: structlog on standard error, pretty on a terminal and JSON lines otherwise, one line an event.

Values may contain text from records, so control characters are escaped: no record can write a second log line or move
the cursor of a terminal. Faust, aiokafka and all other libraries that use the standard logging take the same path.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

from liveprofile.streams.logs.libraries import LibraryFilter

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_QUIET = {"aiokafka.conn": logging.ERROR, "asyncio": logging.WARNING}
"""Noisy loggers, each with its least level; what else libraries say is judged line by line."""


_SAFE = (int, float, bool, list, tuple, dict, type(None))
"""Types with a repr without control characters."""


def escape(text: str) -> str:
    r"""A text without control or direction characters: each becomes its escape.

    >>> escape("a\nb")
    'a\\nb'
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def configure(level: str, style: str = "auto", stream: TextIO | None = None, instance: str = "") -> None:
    """Send every log to `stream` (standard error) from `level` on; `style` is "pretty", "json" or "auto".

    `instance` stands in every line where several processes write to one stream; empty: not at all.
    """
    target = stream or sys.stderr
    pretty = style == "pretty" or (style == "auto" and target.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if pretty else "iso", utc=not pretty, key="time"),
        *([_Instance(instance)] if instance else []),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last = _for_people(target) if pretty else _for_machines()
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(LibraryFilter(logging.getLevelNamesMapping()[level.upper()]))
    _take_over(handler, level.upper())


class _Instance:
    """Puts the name of this process into every line, from all threads."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("instance", self._name)
        return event


def _take_over(handler: logging.Handler, level: str) -> None:
    """Make `handler` the only one: handlers that other libraries installed are removed."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(_QUIET.get(name, logging.NOTSET))
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(True)


def _for_people(target: TextIO) -> list[Any]:
    """The end of the chain for a terminal; a traceback keeps its lines here."""
    return [
        structlog.processors.format_exc_info,  # without local variables: they may hold a key or personal data
        _escaped,
        structlog.dev.ConsoleRenderer(colors=target.isatty(), timestamp_key="time", pad_event_to=36),
    ]


def _for_machines() -> list[Any]:
    """The end of the chain for a pipe: one JSON object a line, its traceback a value."""
    return [structlog.processors.format_exc_info, _ordered, structlog.processors.JSONRenderer(serializer=_json)]


def _ordered(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the fields of every line first."""
    return {key: event.pop(key) for key in ("time", "level", "instance", "logger", "event") if key in event} | dict(
        event
    )


def _json(event: Any, **_: Any) -> str:
    """Encode as JSON. orjson escapes characters below space; the other control characters are escaped here."""
    raw = orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", raw)


def _escaped(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters in every value; only a traceback keeps its line ends."""
    for key, value in event.items():
        if key == "exception":
            event[key] = "\n".join(escape(line) for line in str(value).split("\n"))
        elif isinstance(value, str):
            event[key] = escape(value)
        elif not isinstance(value, _SAFE):
            event[key] = escape(repr(value))
    return event
