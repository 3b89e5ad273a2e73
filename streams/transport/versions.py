"""The versions of libraries with overridden private hooks, and a check that these are installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from liveprofile.errors import LiveprofileError

CHECKED_WITH: Mapping[str, str] = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}


class UncheckedVersionError(LiveprofileError, RuntimeError):
    """A library differs from the version that the batch transport was checked with."""

    next_step = "Install the pinned versions, or run `make test-latest` with the newest ones."


def require_checked_versions(checked: Mapping[str, str] | None = None) -> None:
    """Raise `UncheckedVersionError` unless every library is the version that the private hooks were read in."""
    for name, wanted in (checked or CHECKED_WITH).items():
        found = version(name)
        if found != wanted:
            raise UncheckedVersionError(
                f"{name} {found} is installed, but the batch transport overrides hooks that were read in {wanted}; "
                f"install {name}=={wanted}, or run `make test-latest` with {found} and change "
                "streams/transport/versions.py"
            )
