"""What a consumer of changes is given: a change, or the healed state of a profile of which changes were missed."""

from datetime import datetime

import msgspec

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.facts.facts import ProfileChanged
from liveprofile.profiles.facts.snapshot import ProfileSnapshot


class GapError(LiveprofileError):
    """Versions of a profile are missing, and its snapshot on `profiles` is older still: it cannot be healed yet.

    Nothing of it was committed, so a restart takes up at the same record.
    """

    retryable = True
    next_step = "Look whether the workers run: they write snapshots; then start the consumer again."


class Changed(msgspec.Struct, frozen=True):
    """The next version of a profile.

    >>> Changed(ProfileChanged("a57ad515edc580a1", 1, "live", [], [], {}), None, "profile-changes/0/17").record.version
    1
    """

    record: ProfileChanged
    time: datetime | None
    """When it happened, by the clock of events (the header `ce_time`); None where a record has none."""
    place: str
    """Topic, partition and offset of the record."""

    @property
    def profile_id(self) -> str:
        """Whose change it is."""
        return self.record.profile_id

    @property
    def is_erasure(self) -> bool:
        """Whether the profile was erased: forget everything about it."""
        return self.record.origin == "erasure"


class Healed(msgspec.Struct, frozen=True):
    """A profile of which versions were missed, as it is now: take it in place of the changes in between.

    Versions `first_missed` up to and including `snapshot.version` are not delivered one by one.
    """

    snapshot: ProfileSnapshot
    first_missed: int
    place: str
    """Topic, partition and offset of the change that showed the gap."""

    @property
    def profile_id(self) -> str:
        """Whose state it is."""
        return self.snapshot.profile_id
