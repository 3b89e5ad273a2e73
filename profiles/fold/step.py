"""One step of one profile: what the fold does, without batches. For reading, tests and notebooks."""

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.detections import MOST_PER_EVENT
from liveprofile.profiles.kernel.policy import Policy


def step(
    profile: bytes | None, profile_id: bytes, activity: bytes, offset: int, policy: Policy
) -> tuple[bytes, FoldResult]:
    """Profile' and facts of one activity: `profile` is a state record, or None for somebody new.

    It is `Fold.apply` of a single record on a partition of a single profile, so names and population start empty.
    """
    fold = Fold(policy, capacity=1, detections=MOST_PER_EVENT)
    if profile is not None:
        fold.restore([(profile_id, profile)])
    result = fold.apply([profile_id], [activity], [offset])
    fold.table.touched[0] = True
    return dict(fold.table.take_touched())[profile_id], result
