"""A clock that is wrong: Python imports this by its name before anything else, in workers that have it on their path.

The file that `SKEWED_CLOCK` names holds by how many seconds; it may be rewritten at any time.
"""

import os
import time
from pathlib import Path

_FILE = Path(os.environ["SKEWED_CLOCK"])
_LOOK_S = 0.2
_time, _monotonic = time.time, time.monotonic
_seen = (-_LOOK_S, 0.0)


def _offset_s() -> float:
    global _seen
    if _monotonic() - _seen[0] >= _LOOK_S:
        _seen = (_monotonic(), float(_FILE.read_text() or "0"))
    return _seen[1]


time.time = lambda: _time() + _offset_s()
time.time_ns = lambda: round((_time() + _offset_s()) * 1e9)
