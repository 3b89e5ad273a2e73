"""int8 arithmetic for the products with weights: int8 weights and uint8 activations, both with constant scales."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from liveprofile.models.bert_config import BertConfig
from liveprofile.models.calibrate import Ranges
from liveprofile.models.graph_nodes import OPSET, Nodes, Weights
from liveprofile.models.onnx_graph import build_graph

SCHEME = "static, int8 per channel, activations uint8 by calibrated ranges"

FULL, REDUCED = 127, 63
"""Largest weight in 8 and in 7 bits."""


def quantise(config: BertConfig, weights: Weights, ranges: Ranges, *, reduced_range: bool = False) -> ModelProto:
    """The int8 model of `weights`; `ranges` are those of the float32 model's activations.

    Scales of activations are constants, so a text's vector does not depend on the other texts of its batch.
    `reduced_range` keeps weights to 7 bits: x86 cores without VNNI add pairs of products in 16 bits, which overflow.
    """
    return build_graph(config, Int8Nodes(weights, ranges, REDUCED if reduced_range else FULL))


class Int8Nodes(Nodes):
    """Dense layers as ONNX Runtime's product of uint8 and int8, which is scaled and gets its bias in one pass."""

    domains: Mapping[str, int] = {"": OPSET, "com.microsoft": 1}

    def __init__(self, weights: Weights, ranges: Ranges, most: int) -> None:
        super().__init__(weights)
        self._ranges = ranges
        self._most = most

    def affine(self, x: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32], name: str) -> str:
        """x W^T + b: the weights (wide, narrow) with one scale for each of the `wide` outputs."""
        scales = per_row_scales(weight, self._most)
        rounded = np.rint(weight / scales[:, None]).T
        quantised, scale, zero = self._quantised(x)
        product = [
            quantised,
            self.constant(f"{name}.weight", rounded, np.int8),
            scale,
            self.constant(f"{name}.scale", scales),
            zero,
            self.constant(f"{name}.zero", np.zeros(len(scales)), np.int8),
            self.constant(f"{name}.bias", bias),
        ]
        return self.op("MatMulIntegerToFloat", *product, name=name, domain="com.microsoft")

    def rows(self, table: npt.NDArray[np.float32], places: str, name: str) -> str:
        """The rows of an int8 table with one scale."""
        scale = np.abs(table).max() / FULL
        kept = self.constant(f"{name}.table", np.rint(table / scale), np.int8)
        found = self.op("Gather", kept, places, name=f"{name}.rounded", axis=0)
        return self.op("DequantizeLinear", found, self.constant(f"{name}.scale", scale), name=name)

    def _quantised(self, x: str) -> tuple[str, str, str]:
        """uint8 `x`, its scale and the number that stands for 0."""
        low, high = self._ranges[x]
        step = (high - low) / 255
        scale = self.constant(f"{x}.scale", step)
        zero = self.constant(f"{x}.zero", np.rint(-low / step), np.uint8)
        return self.op("QuantizeLinear", x, scale, zero, name=f"{x}.rounded"), scale, zero


def per_row_scales(weight: npt.NDArray[np.float32], most: int) -> npt.NDArray[np.float32]:
    """(wide,): the step of each row, by which its largest weight becomes `most`; 1 for a row of zeros.

    >>> per_row_scales(np.array([[2.0, -4.0], [0.0, 0.0]], np.float32), 4).tolist()
    [1.0, 1.0]
    """
    largest = np.abs(weight).max(axis=1)
    return np.where(largest > 0, largest / np.float32(most), np.float32(1)).astype(np.float32)
