"""One step of one profile: the fold without batches, for reading, tests and notebooks."""

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.detections import MOST_PER_EVENT
from liveprofile.profiles.kernel.policy import Policy


def step(
    profile: bytes | None, profile_id: bytes, activity: bytes, offset: int, policy: Policy
) -> tuple[bytes, FoldResult]:
    """The next state and the facts of one profile and one activity: the fold as a pure function.

    `profile` is a state record as `step` returned it, None for a new profile. `profile_id` has 32 hexadecimal digits.
    `offset` is the activity's place in the log, above that of the activity before. It is `Fold.apply` of a single
    record on a partition of a single profile, so names and statistics of the partition start empty; `Fold` is faster
    by far. ValueError for another layout.

    >>> from liveprofile import ActivityEncoder, Policy, step
    >>> encoder = ActivityEncoder(b"a key for this example")
    >>> (key,), (value,) = encoder.encode("clicks", b'{"user_id": "u-1", "title": "Vase", "ts": 1767268800}', offset=0)
    >>> state, result = step(None, key, value, 0, Policy())
    >>> again, repeated = step(state, key, value, 0, Policy())
    >>> (again == state, result.applied, repeated.replayed)
    (True, 1, 1)
    """
    fold = Fold(policy, capacity=1, detections=MOST_PER_EVENT)
    if profile is not None:
        fold.restore([(profile_id, profile)])
    result = fold.apply([profile_id], [activity], [offset])
    fold.table.touched[0] = True
    return dict(fold.table.take_touched())[profile_id], result
