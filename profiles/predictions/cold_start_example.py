"""Training examples for cold start: one per shopper, recorded once the shopper has enough activities."""

import numpy as np

from liveprofile.profiles.kernel.context import ENTRIES, DetectionBuffers
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import LONG, TOPICS, Row

KNOWN_AFTER = 40
"""Activities after which a shopper is no longer new: their own interests outweigh those of others."""
BECOME = 3
"""Number of topics in a cold-start example."""

ENTERED = np.dtype(
    [
        ("event", "<i4"),  # place of the activity in the batch
        ("entry", "<u4"),  # digest of the topic of the first activity that had one
        ("cluster", "<i4"),  # -1 for none
        ("bought", "u1"),  # 1: ordered at least once
        ("order", "<f4"),  # location of log2(order in minor units); 0 without one
        ("topic", "<u4", (BECOME,)),  # largest long-term topics; 0 beyond them
        ("share", "<f4", (BECOME,)),
    ]
)


@compiled
def note_entry(row: Row, buffers: DetectionBuffers) -> None:
    """Record the cold-start example of a shopper at the activity that completes it."""
    if row.events != KNOWN_AFTER or row.entry == 0:
        return
    example = buffers.entered[buffers.filled[ENTRIES]]
    example.entry, example.cluster = row.entry, row.cluster
    example.bought, example.order = row.orders > 0, row.order_location if row.orders > 0 else 0.0
    total, last = 0.0, np.inf
    for at in range(TOPICS):
        total += row.topic_mass[LONG][at]
    for rank in range(BECOME):
        best = -1
        for at in range(TOPICS):
            mass = row.topic_mass[LONG][at]
            if row.topic[at] != 0 and 0.0 < mass < last and (best < 0 or mass > row.topic_mass[LONG][best]):
                best = at
        example.topic[rank] = row.topic[best] if best >= 0 else 0
        example.share[rank] = row.topic_mass[LONG][best] / total if best >= 0 else 0.0
        last = row.topic_mass[LONG][best] if best >= 0 else 0.0
    buffers.filled[ENTRIES] += 1
