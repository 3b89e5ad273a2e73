"""Settings of Python's garbage collector that avoid long pauses of the stream."""

import gc

YOUNG = 50_000
"""Allocations before a collection of the young generation; Python's default of 700 is reached within a millisecond."""


def spare_the_collector() -> None:
    """Freeze the objects that start-up made, and collect the young generation less often.

    A full collection with all libraries loaded takes 0.2 s, and every event in progress waits for it. Records and facts
    form no reference cycles, so reference counts free them.
    """
    gc.collect()
    spare_what_there_is()
    gc.set_threshold(YOUNG, 20, 20)


def spare_what_there_is() -> None:
    """Freeze the objects of now without a collection, which would be a pause."""
    gc.freeze()
