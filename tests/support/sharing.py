"""How several processes share the tests: a file at a time, one of them from the end."""

from typing import Any

from xdist.scheduler import LoadFileScheduling

ONE_EACH = ("faults/test_survival.py", "kafka/test_rebuild.py", "kafka/test_local_state.py")
"""Files of long tests that share nothing but the broker."""


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out a file at a time, so that its fixtures are made once; of the files with the longest tests, one each.

    Folders come as they are collected: tests of faults and of Kafka, which mostly wait, before unit tests, which mostly
    compute. One process begins at the end, so that at any time some wait and some compute; what is given out last is
    short, so that all end together.
    """

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if any(name in nodeid for name in ONE_EACH) else str(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: Any) -> None:
        if len(self.nodes) > 1 and node is self.nodes[-1]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
