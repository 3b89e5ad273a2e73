"""The error that a program raises for a record of an unknown layout."""

from liveprofile.errors import LiveprofileError

UPGRADE = "Upgrade this worker; nothing was changed, and a worker of the newer version goes on with the partition."


class UnknownLayoutError(LiveprofileError, ValueError):
    """A record of a layout that this program does not know: a newer program wrote it. A restart does not help.

    The record is not damaged. The program must leave the partition to one that knows the layout.
    """

    next_step = UPGRADE

    def __init__(self, what: str, found: str, newest: str, next_step: str = UPGRADE) -> None:
        """`what` was `found`; `newest` is the newest layout that this program knows."""
        self.message = f"{what} was written by a newer program: layout {found}; the newest known here is {newest}"
        self.next_step = next_step
        super().__init__(f"{self.message}. {next_step}")
