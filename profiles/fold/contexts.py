"""The context of compiled code, made only when a part of it has changed; and the code for its types."""

from collections.abc import Callable
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.cursor import Cursor
from liveprofile.profiles.kernel.context import FoldContext

if TYPE_CHECKING:
    from liveprofile.profiles.numeric.jit import compiled


class Contexts:
    """The context of a cursor in a time zone."""

    def __init__(self, utc_offsets: npt.NDArray[np.int64]) -> None:
        """`utc_offsets` are those of the policy's time zone, see `local_time`."""
        self._utc_offsets = utc_offsets
        self._made_of: tuple[object, ...] = ()
        self._made: FoldContext

    def of(self, cursor: Cursor) -> FoldContext:
        """The same object as before while the cursor has the same models and statistics in force."""
        population = cursor.population
        parts = (cursor, population.location, population.spread, cursor.price_levels, *cursor.adopted.values())
        if len(parts) != len(self._made_of) or not all(map(is_, parts, self._made_of)):
            self._made, self._made_of = cursor.context(self._utc_offsets), parts
        return self._made


class CodeOf:
    """The machine code of a function that takes a context.

    All other arguments have the same types in every call; those of a context are looked at once, for it may hold
    another model.
    """

    def __init__(self) -> None:
        self._context: FoldContext | None = None
        self._code: Callable[..., Any]

    def of(
        self, function: "compiled[..., Any]", context: FoldContext, arguments: tuple[Any, ...]
    ) -> Callable[..., Any]:
        """The code of the one function, for arguments of which the context is one."""
        if self._context is not context:
            self._code, self._context = function.code_for(*arguments), context
        return self._code
