"""int8 weights, one scale per output channel, activations quantised as they come, by ONNX Runtime's own tool."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic

SCHEME = "dynamic, int8 per channel, MatMul and Gather"


def quantise(source: Path, target: Path, *, reduced_range: bool = False) -> None:
    """Write the int8 model of the float32 model at `source` to `target`.

    `reduced_range` keeps weights to 7 bits: x86 cores without VNNI add pairs of products in 16 bits, which overflow.
    """
    with _quiet_root_logger():
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            reduce_range=reduced_range,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
        )


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """Swallow the tool's advice to pre-process (there is nothing to fold), which it gives through the root logger."""
    handler, root = logging.NullHandler(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
