"""What a batch adds to a partition as a whole, before it is applied: names, order values, time and price levels."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold import training_examples
from liveprofile.profiles.fold.batch import Batch
from liveprofile.profiles.fold.names import learn_names
from liveprofile.profiles.fold.partition_state import PartitionState
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.fold.survey import Survey
from liveprofile.profiles.records.activity import Action


def count_batch(batch: Batch, look: Survey, state: PartitionState, partition: int, result: FoldResult) -> None:
    """Take a batch into the partition's own state, and its reviews into the examples; `look` is what is in it."""
    cursor = state.cursor
    learn_names(batch, state.dictionary, state.table.dims, look)
    if look.nameless:
        cursor.population.count(_totals(batch.heads))
    cursor.time.note(look.newest_ms, look.later)
    if look.reviews:
        result.examples += training_examples.reviews(
            batch.profiles, batch.heads, batch.offsets, partition, result.ordinals
        )
    cursor.price_levels.count(batch.heads)


def _totals(heads: npt.NDArray[np.void]) -> npt.NDArray[np.int64]:
    """Totals of the orders without an id; compiled code counts the others, each once."""
    orders = (heads["action"] == Action.PURCHASE) & (heads["line"] == 0) & (heads["order"] == 0)
    totals: npt.NDArray[np.int64] = heads["order_total"][orders]
    return totals[totals > 0]
