"""Builder of an ONNX graph: nodes and constants in float32."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

from liveprofile.models.bert_config import BertConfig
from liveprofile.models.errors import ModelError

OPSET = 20
"""The first with Gelu; LayerNormalization came with 17."""
IR_VERSION = 10

Weights = Mapping[str, npt.NDArray[np.float32]]


class Nodes:
    """Every method adds an operation, or a few, and returns the name of its result."""

    domains: Mapping[str, int] = {"": OPSET}
    """Versions of the operator sets in use, by domain."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[object] = []
        self.constants: dict[str, npt.NDArray[np.generic]] = {}

    def op(self, kind: str, *inputs: str, name: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> str:
        self.constants[name] = np.array(value, dtype, order="C")
        return name

    def weight(self, name: str, *shape: int) -> npt.NDArray[np.float32]:
        """The tensor `name`, which must have `shape`."""
        found = self.weights.get(name)
        if found is None or found.shape != shape:
            raise ModelError(
                f"weight {name} is {'missing' if found is None else found.shape}, config.json says {shape}",
                "config.json and model.safetensors do not belong together: fetch the model again.",
            )
        return found

    def dense(self, x: str, scope: str, wide: int, narrow: int, *, name: str) -> str:
        """x W^T + b with the layer's weights, (wide, narrow) as torch stores them."""
        return self.affine(x, self.weight(f"{scope}.weight", wide, narrow), self.weight(f"{scope}.bias", wide), name)

    def affine(self, x: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32], name: str) -> str:
        product = self.op("MatMul", x, self.constant(f"{name}.weight", weight.T), name=f"{name}.matmul")
        return self.op("Add", product, self.constant(f"{name}.bias", bias), name=name)

    def layer_norm(self, x: str, scope: str, config: BertConfig) -> str:
        scale = self.constant(f"{scope}.weight", self.weight(f"{scope}.weight", config.hidden))
        shift = self.constant(f"{scope}.bias", self.weight(f"{scope}.bias", config.hidden))
        return self.op("LayerNormalization", x, scale, shift, name=scope, axis=-1, epsilon=config.layer_norm_eps)

    def rows(self, table: npt.NDArray[np.float32], places: str, name: str) -> str:
        """The rows of `table` (n, hidden) at `places`."""
        return self.op("Gather", self.constant(f"{name}.table", table), places, name=name, axis=0)

    def model(self, name: str, inputs: Mapping[str, str], output: str, shape: list[str | int]) -> ModelProto:
        """The finished model: one-dimensional int64 `inputs` with their sizes' names, and one float32 output."""
        ins = [helper.make_tensor_value_info(key, TensorProto.INT64, [size]) for key, size in inputs.items()]
        out = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        constants = [numpy_helper.from_array(array, key) for key, array in self.constants.items()]
        body = helper.make_graph(self.nodes, name, ins, [out], constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in self.domains.items()]
        return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="liveprofile")
