"""Aliases for the argument types of compiled code that Python's type system cannot express."""

from typing import Any

import numpy as np
import numpy.typing as npt

Row = Any
"""One row, or one activity's head: a record with its fields as attributes in compiled code."""
Rules = Any
"""The numbers of a policy by name: the record of `Policy.numbers`, or the named tuple `Policy.rules`."""
Numbers = npt.NDArray[np.void]
"""`Policy.numbers` (1,): NumPy hands over an array a hundred times as fast as the record in it."""
Columns = Any
"""Rows read column by column: lists by the name of the field, see `state.columns`."""
Factors = npt.NDArray[np.float64]
"""Decay factors after some time, by the half-lives of session, short, long and burst (4,)."""
