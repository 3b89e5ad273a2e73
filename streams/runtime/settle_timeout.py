"""The error of a worker that could not finish its batches before its partitions were revoked."""

from liveprofile.errors import LiveprofileError


class SettleTimeoutError(LiveprofileError):
    """Batches in progress did not finish in time before partitions were revoked; none of them was acked."""

    retryable = True
    next_step = "Restart the process; raise drain_timeout_s if it happens again."
