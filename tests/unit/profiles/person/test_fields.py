"""Every field of a row says how it is composed."""

from collections import Counter

from liveprofile.profiles.person.fields import composed_fields
from liveprofile.profiles.state.row import row_dtype


def test_every_field_of_the_row_is_composed_in_one_way() -> None:
    declared = Counter(composed_fields())
    assert {name for name, count in declared.items() if count > 1} == set()
    assert set(declared) == set(row_dtype(2).names or ()) - {"spare"}
