"""Python's garbage collector, kept from stopping the stream."""

import gc

YOUNG = 50_000
"""Objects made before the young ones are looked through; Python's 700 are made within a millisecond of records."""


def spare_the_collector() -> None:
    """Take what start-up made out of the collector's sight, and let it look at young objects less often.

    A full collection with all libraries loaded takes 0.2 s, and every event under way waits for it. Records and facts
    form no cycles, so they go by reference count all the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
