"""What a record of item events is, by its first bytes."""

import pytest

from liveprofile.profiles.items.event import HEAD, LAYOUT, ItemEventKind, kind_of
from liveprofile.profiles.records.layouts import UnknownLayoutError


def record(layout: int, kind: int) -> bytes:
    """A record that begins so."""
    return bytes([layout, kind]) + bytes(HEAD.size)


@pytest.mark.parametrize("kind", ItemEventKind)
def test_a_record_of_the_present_layout_is_of_its_kind(kind: ItemEventKind) -> None:
    assert kind_of(record(LAYOUT, kind)) == kind


@pytest.mark.parametrize(("layout", "kind"), [(LAYOUT + 1, 1), (31, 31), (LAYOUT, max(ItemEventKind) + 1)])
def test_larger_numbers_are_those_of_a_newer_program(layout: int, kind: int) -> None:
    with pytest.raises(UnknownLayoutError):
        kind_of(record(layout, kind))


@pytest.mark.parametrize(("layout", "kind"), [(LAYOUT - 1, 1), (32, 1), (LAYOUT + 1, 32), (LAYOUT, 0), (0x7B, 0x22)])
def test_numbers_that_no_program_writes_are_damage(layout: int, kind: int) -> None:
    with pytest.raises(ValueError, match="no item event") as raised:
        kind_of(record(layout, kind))
    assert not isinstance(raised.value, UnknownLayoutError)
