"""Epoch seconds in 32 bits, the format of times in rows."""

from liveprofile.profiles.numeric.jit import compiled

LAST_SECOND = 2**32 - 1


@compiled
def epoch_s(time_ms: int) -> int:
    """Epoch seconds as rows keep them in 32 bits: from 1, since 0 stands for never, to the year 2106.

    >>> epoch_s(-5_000), epoch_s(1_700_000_000_123), epoch_s(10**15)
    (1, 1700000000, 4294967295)
    """
    return min(max(int(time_ms // 1000), 1), LAST_SECOND)
