"""A page of a list of profiles, as it is answered."""

import msgspec


class Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A profile in a list: what it is listed by."""

    profile_id: str
    version: int = 0
    last_seen: str | None = None
    lifecycle: str | None = None
    cluster: int | None = None
    segments: list[str] | None = None
    severity: int | None = None
    """The highest of its open anomalies; left out without one."""


class Page(msgspec.Struct, frozen=True):
    """A page of a list."""

    total: int
    """How many profiles fit, on all pages."""
    profiles: list[Listed]
    after: str | None
    """What to ask for the next page with; null on the last one."""
