"""Arrays on the stack of compiled code; apart from `scratch`, for it needs Numba at import."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype


def on_stack(dtype: np.dtype[Any]) -> types.Function:
    """The type of a function that makes an array of zeros on the stack; its argument is a constant length."""

    @intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]  # Numba has no types
    def zeros(typing_context: Any, length: Any) -> Any:
        del typing_context
        if not isinstance(length, types.IntegerLiteral):
            return None
        array = types.Array(from_dtype(dtype), 1, "C")
        return array(length), _allocation(length.literal_value)

    typing = cpu_target.typing_context
    typing.refresh()
    return typing.resolve_value_type(zeros)  # type: ignore[no-any-return]  # Numba has no types


def _allocation(length: int) -> Any:
    """What generates the code: room in the frame of the function, filled with zeros at each call."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del arguments
        array = signature.return_type
        item = context.get_data_type(array.dtype)
        room = cgutils.alloca_once(builder, ir.ArrayType(item, length))
        builder.store(ir.Constant(room.type.pointee, None), room)
        made, size = make_array(array)(context, builder), context.get_constant(types.intp, array.dtype.bitwidth // 8)
        shape = [context.get_constant(types.intp, length)]
        data = builder.bitcast(room, item.as_pointer())
        populate_array(made, data=data, shape=shape, strides=[size], itemsize=size, meminfo=None)
        return made._getvalue()

    return generate
