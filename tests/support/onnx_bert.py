"""A tiny BERT as an ONNX graph the way PyTorch's exporter writes it: named biases, nameless transposed matrices."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .tiny_bert import CONFIG, VOCABULARY, random_weights

OPSET = 17


class _Graph:
    """Nodes and constants; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"/{kind}_{len(self.nodes)}_output_0"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, name: str = "") -> str:
        name = name or f"onnx::Constant_{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def linear(self, x: str, scope: str, weights: dict[str, Any]) -> str:
        matrix = self.constant(weights[f"{scope}.weight"].T, f"onnx::MatMul_{len(self.constants)}")
        bias = self.constant(weights[f"{scope}.bias"], f"{scope}.bias")
        return self.op("Add", bias, self.op("MatMul", x, matrix))

    def norm(self, x: str, scope: str, weights: dict[str, Any], epsilon: float) -> str:
        names = [self.constant(weights[f"{scope}.{part}"], f"{scope}.{part}") for part in ("weight", "bias")]
        return self.op("LayerNormalization", x, *names, axis=-1, epsilon=epsilon)

    def heads(self, x: str, heads: int, size: int) -> str:
        shaped = self.op("Reshape", x, self.constant(np.array([0, 0, heads, size])))
        return self.op("Transpose", shaped, perm=[0, 2, 1, 3])


def write_onnx_bert(path: Path, **changes: Any) -> dict[str, Any]:
    """Write the graph, float32, with hidden states as its output; returns the weights. Changes are of the config."""
    config = CONFIG | {"vocab_size": len(VOCABULARY)} | changes
    weights, graph = random_weights(config), _Graph()
    hidden = _embeddings(graph, weights, config)
    for layer in range(config["num_hidden_layers"]):
        hidden = _layer(graph, hidden, f"encoder.layer.{layer}", weights, config)
    graph.nodes.append(helper.make_node("Identity", [hidden], ["last_hidden_state"]))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", None])
    tensors = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in graph.constants.items()]
    made = helper.make_graph(graph.nodes, "bert", inputs, [output], tensors)
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8), path)
    return weights


def _embeddings(graph: _Graph, weights: dict[str, Any], config: dict[str, Any]) -> str:
    names = [f"embeddings.{kind}_embeddings.weight" for kind in ("word", "token_type", "position")]
    one = graph.constant(np.array(1))
    words, kinds, places = (graph.constant(weights[name], name) for name in names)
    ones = graph.op("CumSum", graph.op("Add", graph.op("Sub", "input_ids", "input_ids"), one), one)
    steps = graph.op("Sub", ones, one)
    both = graph.op("Add", graph.op("Gather", words, "input_ids"), graph.op("Gather", kinds, "token_type_ids"))
    summed = graph.op("Add", both, graph.op("Gather", places, steps))
    return graph.norm(summed, "embeddings.LayerNorm", weights, config["layer_norm_eps"])


def _layer(graph: _Graph, x: str, scope: str, weights: dict[str, Any], config: dict[str, Any]) -> str:
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    size = config["hidden_size"] // heads
    query, key, value = (
        graph.heads(graph.linear(x, f"{scope}.attention.self.{part}", weights), heads, size)
        for part in ("query", "key", "value")
    )
    turned = graph.op("Transpose", key, perm=[0, 1, 3, 2])
    scale = graph.constant(np.float32(size**0.5))
    shares = graph.op("Softmax", graph.op("Div", graph.op("MatMul", query, turned), scale), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    flat = graph.op("Reshape", mixed, graph.constant(np.array([0, 0, config["hidden_size"]])))
    seen = graph.op("Add", graph.linear(flat, f"{scope}.attention.output.dense", weights), x)
    seen = graph.norm(seen, f"{scope}.attention.output.LayerNorm", weights, epsilon)
    wide = _gelu(graph, graph.linear(seen, f"{scope}.intermediate.dense", weights))
    out = graph.op("Add", graph.linear(wide, f"{scope}.output.dense", weights), seen)
    return graph.norm(out, f"{scope}.output.LayerNorm", weights, epsilon)


def _gelu(graph: _Graph, x: str) -> str:
    erf = graph.op("Erf", graph.op("Div", x, graph.constant(np.float32(2**0.5))))
    doubled = graph.op("Mul", x, graph.op("Add", erf, graph.constant(np.float32(1))))
    return graph.op("Mul", doubled, graph.constant(np.float32(0.5)))
