"""How the profile stage is run."""

from dataclasses import dataclass

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics


@dataclass(frozen=True, slots=True)
class ProfileStageConfig:
    """The rules of the fold are in the policy."""

    topics: Topics
    policy: Policy
    embedder: str | None
    currency: str = "EUR"
    checkpoint_s: float = 1.0
    checkpoint_max_profiles: int = 20_000
    tick_s: float = 5.0
    rows_in_memory: int = 500_000
    """Of all partitions together; counts only where there is a local state for the others."""
