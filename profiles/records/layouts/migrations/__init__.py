"""Migrations of meaning, which a copy by name cannot make: a function for each, by fingerprints before and after.

A function receives the rows of the older layout (n,) and those of the newer one, into which all fields of the same name
were copied, and fills in the rest. It is never changed: later layouts have functions of their own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt

from liveprofile.profiles.records.layouts.migrations.head_2_to_3 import split_wording
from liveprofile.profiles.records.layouts.migrations.row_orders import know_orders

Migration = Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]

FUNCTIONS: Mapping[tuple[str, str], Migration] = {
    ("80b29255", "79e5f921"): split_wording,
    ("18c4da5b", "48ee6583"): know_orders,
}
"""Heads of activities, layout 2 to 3: `wording`, which had two meanings, becomes a field for each of them. Rows: event
ids, priced orders and the newest event of the session.
"""
