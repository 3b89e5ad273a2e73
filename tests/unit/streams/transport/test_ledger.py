"""The ledger: a position passes a run only when it and all before it are acked."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveprofile.streams.transport.ledger import Ledger


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30), seed=st.integers(0, 2**32), acked=st.floats(0, 1))
def test_the_position_is_the_end_of_the_longest_acked_prefix(sizes: list[int], seed: int, acked: float) -> None:
    """In whatever order runs are acked, and whichever are not."""
    ledger = Ledger()
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    receipts = [ledger.hand_out(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    chosen = [n for n in range(len(sizes)) if random.Random(seed * 31 + n).random() < acked]
    random.Random(seed).shuffle(chosen)
    for n in chosen:
        receipts[n].ack()
    prefix = next((n for n in range(len(sizes)) if n not in chosen), len(sizes))
    assert ledger.uncommitted == (ends[prefix - 1] if prefix else None)
    assert ledger.open_batches == len(sizes) - prefix


def test_what_was_committed_is_not_committed_again() -> None:
    """Until another run is acked there is nothing to do."""
    ledger = Ledger()
    ledger.hand_out(0, 10).ack()
    ledger.committed(10)
    assert ledger.uncommitted is None
    ledger.hand_out(10, 12).ack()
    assert ledger.uncommitted == 12


def test_an_ack_after_the_partition_was_given_up_counts_for_nothing() -> None:
    """Its next owner reads the run again, so committing it here could skip what that owner has not done."""
    ledger = Ledger()
    first, second = ledger.hand_out(0, 5), ledger.hand_out(5, 9)
    first.ack()
    ledger.close()
    second.ack()
    assert (ledger.uncommitted, second.given_up) == (5, True)


def test_offsets_with_gaps_are_runs_like_others() -> None:
    """Compaction and transactions leave holes: the position is the end of the run, whatever is missing in it."""
    ledger = Ledger()
    ledger.hand_out(3, 100).ack()
    ledger.hand_out(250, 260).ack()
    assert ledger.uncommitted == 260


def test_the_same_offset_is_never_handed_out_twice() -> None:
    """Two fetches that cross would apply records twice: that must be loud."""
    ledger = Ledger()
    ledger.hand_out(0, 10)
    with pytest.raises(ValueError, match=r"offset 9 was delivered before \(up to 10\)"):
        ledger.hand_out(9, 12)
