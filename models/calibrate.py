"""Ranges of activations for int8: measured on a float32 model and clipped where 8 bits give the least squared error."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper

from liveprofile.models.encoder import Feed, open_session

Ranges = Mapping[str, tuple[float, float]]
"""Least and greatest value of an activation that int8 can represent, by its name in the graph; 0 lies within."""

LEVELS = 256
KEPT_OF = 16
"""One in so many values is used as a sample."""
CUTS = np.linspace(1.0, 0.15, 35)
"""Shares of the full range that are tried."""
LEAST_HIGH = 1e-6
"""The least upper end: an activation that is never above 0 still needs a step."""

Values = npt.NDArray[np.float32]


def activation_ranges(model: ModelProto, feeds: Iterable[Feed], on_done: Callable[[int], None]) -> Ranges:
    """The best range of each input of a product with weights, over what `feeds` make `model` compute.

    `on_done` is called after each feed with the number of feeds done.
    """
    names = _multiplied(model)
    watched = ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = open_session(watched.SerializeToString(), threads=1)
    seen: dict[str, list[Values]] = {name: [] for name in names}
    for done, feed in enumerate(feeds, 1):
        for name, values in zip(names, session.run(names, feed), strict=True):
            seen[name].append(_thinned(values))
        on_done(done)
    return {name: best_range(np.concatenate(values)) for name, values in seen.items()}


def best_range(values: Values) -> tuple[float, float]:
    """The range with the least mean squared error of values that are rounded to LEVELS within it and cut outside.

    Rare large values cost less when they are cut than when the steps grow for them. The upper end is chosen first.
    Source: Choukroun et al., Low-bit quantization of neural networks for efficient inference, ICCV workshops 2019.

    >>> low, high = best_range(np.array([-1.0] * 500 + [1.0] * 500 + [0.5, 1.5], np.float32))
    >>> low, round(high, 2)
    (-1.0, 1.5)
    """
    low, high = min(float(values.min()), 0.0), max(float(values.max()), LEAST_HIGH)
    high = min(high * CUTS, key=lambda end: _squared_error(values, low, end))
    low = min(low * CUTS, key=lambda end: _squared_error(values, end, high))
    return float(low), float(high)


def _squared_error(values: Values, low: float, high: float) -> float:
    step = np.float32((high - low) / (LEVELS - 1))
    zero = np.rint(-low / step)
    levels = np.clip(np.rint(values / step) + zero, 0, LEVELS - 1)
    return float(np.mean(((levels - zero) * step - values) ** 2))


def _thinned(values: Values) -> Values:
    """One value in KEPT_OF, and the two ends."""
    flat = values.ravel()
    return np.concatenate([flat[::KEPT_OF], [flat.min(), flat.max()]])


def _multiplied(model: ModelProto) -> list[str]:
    """Names of the tensors that are multiplied with weights, in the order of the graph."""
    constants = {constant.name for constant in model.graph.initializer}
    products = (node for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in constants)
    return list(dict.fromkeys(node.input[0] for node in products))
