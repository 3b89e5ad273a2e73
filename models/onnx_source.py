"""Reads the weights of a BERT out of an ONNX graph, under the names that Hugging Face gives them.

Exporters (PyTorch's, Optimum's) keep the names of embeddings, biases and norms. The matrices of linear layers get names
such as `onnx::MatMul_541`, and are transposed. So each is found from the bias that is added to its product.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, numpy_helper

from liveprofile.models.errors import ModelError
from liveprofile.models.weights import without_prefix

Array = npt.NDArray[np.float32]

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
BIAS, WEIGHT = ".bias", ".weight"
INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
PLAIN = "Point --from at the float32 export of a plain BERT encoder, as Optimum or PyTorch writes it."


def read_onnx_weights(path: Path) -> dict[str, Array]:
    """The weights of the encoder in an ONNX file, float32, under the names of a bare BertModel.

    ModelError for a graph that is no plain BERT, or whose matrices are quantised.
    """
    graph = _load(path).graph
    foreign = {one.name for one in graph.input} - INPUTS - {one.name for one in graph.initializer}
    if foreign:
        raise ModelError(
            f"{path} has the inputs {', '.join(sorted(foreign))}, known: {', '.join(sorted(INPUTS))}", PLAIN
        )
    known = {one.name: _float(one) for one in graph.initializer if one.data_type in _FLOATS}
    weights = without_prefix(known | dict(_matrices(graph, known)))
    missing = [name for name in _expected(weights) if name not in weights]
    if missing:
        raise ModelError(f"{path} lacks {missing[0]} and {len(missing) - 1} more weights of a BERT", PLAIN)
    return {name: weights[name] for name in _expected(weights)}


def _load(path: Path) -> ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:  # protobuf and onnx have no common class of errors
        raise ModelError(f"{path} cannot be read as ONNX ({type(error).__name__})", "Fetch the file again.") from None


_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)


def _float(tensor: onnx.TensorProto) -> Array:
    found: Array = numpy_helper.to_array(tensor).astype(np.float32)
    return found


def _matrices(graph: GraphProto, known: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Each linear layer's matrix (out, in), as torch has it, under the name of its bias."""
    by_output = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        bias = next((name for name in node.input if name.endswith(BIAS) and name in known), None)
        if node.op_type == "Gemm" and bias:
            yield bias.removesuffix(BIAS) + WEIGHT, _of_gemm(node, known)
        elif node.op_type == "Add" and bias:
            product = next((by_output[name] for name in node.input if name in by_output), None)
            if product is not None and product.op_type == "MatMul" and product.input[1] in known:
                yield bias.removesuffix(BIAS) + WEIGHT, np.ascontiguousarray(known[product.input[1]].T)


def _of_gemm(node: NodeProto, known: Mapping[str, Array]) -> Array:
    transposed = any(one.name == "transB" and one.i for one in node.attribute)
    matrix = known[node.input[1]]
    return matrix if transposed else np.ascontiguousarray(matrix.T)


def _expected(weights: Mapping[str, Array]) -> Iterator[str]:
    """The names that a BERT of as many layers has."""
    yield from (WORDS, POSITIONS, "embeddings.token_type_embeddings.weight")
    yield from ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias")
    for layer in range(max(1, _layers(weights))):
        for part in (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
        ):
            yield f"encoder.layer.{layer}.{part}{WEIGHT}"
            yield f"encoder.layer.{layer}.{part}{BIAS}"


def _layers(weights: Mapping[str, Array]) -> int:
    numbers = [int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")]
    return max(numbers, default=-1) + 1


def sizes_of(weights: Mapping[str, Array]) -> dict[str, int]:
    """What the shapes of the weights tell of the encoder, by the names of Hugging Face's config.json."""
    vocabulary, hidden = weights[WORDS].shape
    return {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "num_hidden_layers": _layers(weights),
        "intermediate_size": len(weights["encoder.layer.0.intermediate.dense.bias"]),
        "max_position_embeddings": len(weights[POSITIONS]),
    }
