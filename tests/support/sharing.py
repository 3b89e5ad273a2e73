"""How two processes share the tests: a file at a time."""

from typing import Any

from xdist.scheduler import LoadFileScheduling

ONE_EACH = ("faults/test_survival.py", "kafka/test_rebuild.py", "kafka/test_local_state.py")
"""Files of long tests that share nothing but the broker."""


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out a file at a time, so that its fixtures are made once; of the files with the longest tests, one each.

    Folders come as they are collected, faults and Kafka before unit tests: what is given out last is short, so that
    both processes end together.
    """

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if any(name in nodeid for name in ONE_EACH) else str(super()._split_scope(nodeid))
