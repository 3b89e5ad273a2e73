"""The roles in which processes of an application use Kafka."""

from enum import StrEnum


class Role(StrEnum):
    """A worker has the roles of all its stages."""

    INGEST = "ingest"
    PROFILE = "profile"
    LEARN = "learn"
    ITEMS = "items"
    READER = "reader"
    """show, explain, recommend, similar, watch, `segments` but for publish, and programs that use the library."""
    SERVE = "serve"
    """The query service."""
    ERASER = "eraser"
    """erase."""
    ADMIN = "admin"
    """topics, rebuild, upgrade, key check and segments publish."""
    MONITOR = "monitor"
    """status, and whatever else measures how far the workers are behind."""
