"""What is known of a profile id: a profile, an erasure, or nothing."""

from dataclasses import dataclass
from typing import Literal

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoProfileError, UserError
from liveprofile.streams.query import profile
from liveprofile.streams.query.reader import Reader


@dataclass(frozen=True, slots=True)
class Standing:
    """What the topics say about an id."""

    state: Literal["profile", "erased", "unknown"]
    version: int | None = None
    """Of the published profile; None where it was not published yet."""
    erased_at: str | None = None

    @property
    def words(self) -> str:
        """As a sentence.

        >>> Standing("profile", version=7).words
        'the id has a profile, version 7'
        """
        if self.state == "unknown":
            return "the id was unknown here: it is closed, and later events of it are dropped"
        if self.state == "erased":
            return "the profile was erased before" + (f", at {self.erased_at}" if self.erased_at else "")
        return "the id has a profile" + (f", version {self.version}" if self.version else ", not published yet")


async def standing(reader: Reader, topics: Topics, profile_id: str, dims: int) -> Standing:
    """Look at the stored and at the published profile of a whole id. SetupError where a topic is missing."""
    stored = await profile.stored(reader, topics, profile_id, dims)
    if stored is not None and stored.erased_ms:
        return Standing("erased", erased_at=rfc3339(stored.erased_ms))
    try:
        snapshot = await profile.find(reader, topics, profile_id)
    except NoProfileError:
        return Standing("unknown" if stored is None else "profile")
    except UserError:
        return Standing("erased")
    version = snapshot.get("version")
    return Standing("profile", version=version if isinstance(version, int) else None)
