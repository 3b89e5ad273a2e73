"""Lets the transport run on other versions of its libraries than those it was checked with: for `make test-latest`."""

import os
from importlib.metadata import version

from liveprofile.streams.transport import versions

WANTED = "LIVEPROFILE_TEST_LATEST"
"""The variable of the environment that asks for it; child processes have it, too."""


def accept_installed_versions() -> None:
    """Take the installed versions for checked ones where the environment asks for it."""
    if os.environ.get(WANTED):
        versions.CHECKED_WITH = {name: version(name) for name in versions.CHECKED_WITH}
