"""The arrays of a table, as compiled code takes them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.state.ledger import Ledgers
from liveprofile.profiles.state.row import Rows


class ProfileArrays(NamedTuple):
    """The profiles of a partition; all are changed in place."""

    rows: Rows
    """By place (n,)."""
    touched: npt.NDArray[np.bool_]
    """Rows changed since the last checkpoint (n,)."""
    ledgers: Ledgers
    """(m,), the first one blank and never changed."""
    ledger_of: npt.NDArray[np.int32]
    """Place of the ledger of each row (n,); 0 for none."""
    blank: Rows
    """One empty profile (1,)."""
