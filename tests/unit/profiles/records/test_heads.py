"""Heads of activity records: those of another program are refused wherever they stand in a batch."""

import pytest
from support.activities import DIMS, activity, tick

from liveprofile.profiles.records.activity import FIRST_LAYOUT, LAYOUT, Action, Kind, decode_heads
from liveprofile.profiles.records.layouts import UnknownLayoutError


def beginning(layout: int, kind: int = Kind.EVENT, action: int = Action.VIEW) -> bytes:
    """A record with another beginning."""
    return bytes([layout, kind, action]) + activity()[3:]


@pytest.mark.parametrize("begin", [(LAYOUT + 1,), (LAYOUT, max(Kind) + 1), (LAYOUT, 0, max(Action) + 1)])
def test_a_head_of_a_newer_program_among_others_is_refused(begin: tuple[int, ...]) -> None:
    with pytest.raises(UnknownLayoutError, match=f"number {begin[0]}"):
        decode_heads([activity(), beginning(*begin), activity(offset=1)], DIMS)


def test_heads_of_this_program_are_read_in_the_present_layout() -> None:
    heads = decode_heads([activity(offset=1), tick(60.0), activity(Action.CART, offset=2)], DIMS)
    assert tick(60.0)[0] == FIRST_LAYOUT < LAYOUT, "a tick is read by name"
    assert heads["layout"].tolist() == [LAYOUT] * 3
    assert heads["kind"].tolist() == [Kind.EVENT, Kind.TICK, Kind.EVENT]


def test_heads_of_other_dimensions_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=f"{DIMS} dimensions, expected {DIMS // 2}: the embedder"):
        decode_heads([activity()], DIMS // 2)
