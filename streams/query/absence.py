"""Why a profile is not in segments: in none at all, or not in the one that was asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import time_ns
from typing import Any

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.why_not import NotIn, why_not
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoSegmentError
from liveprofile.streams.query.explain_question import Question
from liveprofile.streams.query.reader import Reader
from liveprofile.streams.query.stored_profile import stored_profile

PATH = "segments"
NEAREST = 3
"""Segments named where a profile is in none."""
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Absence:
    """The segments that a profile is not in, the nearest first, by the rules in force."""

    rules: str
    """Name and version of the rules."""
    segment: str | None
    """The segment that was asked about; None where the profile is in no segment at all."""
    segments: tuple[NotIn, ...]

    @property
    def words(self) -> str:
        """One sentence."""
        nearest = "; ".join(one.words for one in self.segments)
        return f"Not in {nearest}" if self.segment else f"In no segment; nearest: {nearest}" if nearest else "No rules"


async def absence(
    reader: Reader, topics: Topics, snapshot: Mapping[str, Any], meant: Question, policy: Policy
) -> Absence | None:
    """Why the profile of a snapshot is not where the question asks; None where it is, or where it is not stored.

    NoSegmentError for a name that neither the rules in force nor the snapshot have.
    """
    inside = [str(one.get("name")) for one in snapshot.get("segments") or ()]
    wanted = meant.member.lower() if meant.member is not None else None
    if meant.paths != (PATH,) or (wanted in inside if wanted is not None else inside):
        return None
    stored = await stored_profile(reader, topics, str(snapshot.get("profile_id")), policy.dims)
    if stored is None:
        return None
    names = [one.name for one in stored.rules.file.segment]
    if wanted is not None and wanted not in names:
        raise NoSegmentError(
            f"The rules {stored.rules.label} have no segment {wanted!r}.", f"Their segments are {', '.join(names)}."
        )
    now_ms = stored.past_ms or time_ns() // _NS_PER_MS
    outside = why_not(stored.rows, now_ms, policy.numbers[0], stored.rules)
    chosen = [one for one in outside if one.segment == wanted] if wanted is not None else outside[:NEAREST]
    return Absence(stored.rules.label, wanted, tuple(chosen))
