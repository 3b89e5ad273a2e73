"""How long work takes, for tests of how its time grows."""

import time
from collections.abc import Callable


def least_seconds(work: Callable[[], object]) -> float:
    """Processor time, the least of three."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)
