"""Settings of the profile stage."""

from dataclasses import dataclass

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics


@dataclass(frozen=True, slots=True)
class ProfileStageConfig:
    """Settings of the profile stage; the rules of the fold are in `policy`."""

    topics: Topics
    policy: Policy
    embedder: str | None
    currency: str = "EUR"
    checkpoint_s: float = 1.0
    checkpoint_max_profiles: int = 20_000
    tick_s: float = 5.0
    rows_in_memory: int = 500_000
    """Rows in memory of all partitions together; used only with a local state for the other rows."""
