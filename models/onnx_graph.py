"""A BERT encoder's ONNX graph, built straight from its weights: embeddings, layers, pooling and L2 norm, without torch.

Inputs  `input_ids`, `attention_mask`   int64 (texts, tokens)
Output  `embedding`                     float32 (texts, hidden), each row of length 1

Source: Devlin et al., BERT (NAACL 2019), post-norm layers as in Hugging Face's `BertModel`; pooling as in
sentence-transformers (Reimers and Gurevych, EMNLP 2019). Only standard operators are used, so any runtime can run it.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

from models.bert_config import BertConfig
from models.errors import ModelError

OPSET = 20
"""The first with Gelu; LayerNormalization came with 17."""
IR_VERSION = 10
MASKED = -10_000.0
"""Added to the attention scores of padding: exp of it is 0 in float32."""
TINY = 1e-12
"""Least length that a vector is divided by, as in torch's normalize."""

Weights = Mapping[str, npt.NDArray[np.float32]]


class _Graph:
    """Nodes and constants in the making; every method adds one operation and returns the name of its result."""

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


def build_graph(config: BertConfig, weights: Weights, name: str = "bert") -> ModelProto:
    """The whole model in float32; raises ModelError where a weight is missing or has another shape."""
    graph = _Graph(weights)
    mask = _attention_mask(graph)
    x = _embeddings(graph, config)
    for layer in range(config.layers):
        x = _layer(graph, config, x, mask, f"encoder.layer.{layer}")
    _normalised(graph, _mean_pooled(graph, x) if config.pooling == "mean" else _first_token(graph, x))
    return _model(graph, config, name)


def _attention_mask(graph: _Graph) -> str:
    """(texts, 1, 1, tokens): 0 for a token, MASKED for padding."""
    kept = graph.op("Cast", "attention_mask", name="mask.float", to=TensorProto.FLOAT)
    lost = graph.op("Sub", graph.constant("one", [1.0]), kept, name="mask.lost")
    score = graph.op("Mul", lost, graph.constant("masked", [MASKED]), name="mask.score")
    return graph.op("Unsqueeze", score, graph.constant("head_axes", [1, 2], np.int64), name="mask.heads")


def _embeddings(graph: _Graph, config: BertConfig) -> str:
    """Word, position and segment rows summed and normalised; the one segment is folded into the positions."""
    rows = graph.weight("embeddings.word_embeddings.weight", config.vocabulary, config.hidden)
    positions = graph.weight("embeddings.position_embeddings.weight", config.positions, config.hidden)
    segments = graph.weights.get("embeddings.token_type_embeddings.weight")
    words = graph.op("Gather", graph.constant("words", rows), "input_ids", name="embeddings.words")
    length = graph.op("Shape", "input_ids", name="length", start=1, end=2)
    table = graph.constant("positions", positions if segments is None else positions + segments[0])
    zero = graph.constant("zero", [0], np.int64)
    places = graph.op("Slice", table, zero, length, zero, name="embeddings.positions")
    return graph.layer_norm(graph.op("Add", words, places, name="embeddings.sum"), "embeddings.LayerNorm", config)


def _layer(graph: _Graph, config: BertConfig, x: str, mask: str, scope: str) -> str:
    """Attention, then the feed-forward pair, each added to its input and normalised."""
    hidden, wide = config.hidden, config.intermediate
    seen = _attention(graph, config, x, mask, f"{scope}.attention")
    out = graph.dense(seen, f"{scope}.attention.output.dense", hidden, hidden, name=f"{scope}.attention.out")
    x = graph.op("Add", out, x, name=f"{scope}.attention.sum")
    x = graph.layer_norm(x, f"{scope}.attention.output.LayerNorm", config)
    inner = graph.dense(x, f"{scope}.intermediate.dense", wide, hidden, name=f"{scope}.inner")
    inner = _activation(graph, config.activation, inner, f"{scope}.activation")
    out = graph.dense(inner, f"{scope}.output.dense", hidden, wide, name=f"{scope}.out")
    return graph.layer_norm(graph.op("Add", out, x, name=f"{scope}.sum"), f"{scope}.output.LayerNorm", config)


def _activation(graph: _Graph, kind: str, x: str, name: str) -> str:
    if kind == "relu":
        return graph.op("Relu", x, name=name)
    return graph.op("Gelu", x, name=name, approximate="none" if kind == "gelu" else "tanh")


def _attention(graph: _Graph, config: BertConfig, x: str, mask: str, scope: str) -> str:
    """softmax(Q K^T / sqrt(head) + mask) V; one product makes Q, K and V, the scale is folded into Q's weights."""
    hidden, scale = config.hidden, np.float32(1 / math.sqrt(config.head_size))
    scopes = [f"{scope}.self.{part}" for part in ("query", "key", "value")]
    weight = np.concatenate([graph.weight(f"{part}.weight", hidden, hidden) for part in scopes])
    bias = np.concatenate([graph.weight(f"{part}.bias", hidden) for part in scopes])
    weight[:hidden] *= scale
    bias[:hidden] *= scale
    both = graph.affine(x, weight, bias, f"{scope}.qkv")
    split = graph.constant("split", [0, 0, 3, config.heads, config.head_size], np.int64)
    heads = graph.op("Reshape", both, split, name=f"{scope}.split")
    heads = graph.op("Transpose", heads, name=f"{scope}.heads", perm=[2, 0, 3, 1, 4])
    query, key, value = (
        graph.op("Gather", heads, graph.constant(f"part{i}", i, np.int64), name=f"{scope}.{part}", axis=0)
        for i, part in enumerate(("query", "key", "value"))
    )
    turned = graph.op("Transpose", key, name=f"{scope}.turned", perm=[0, 1, 3, 2])
    scores = graph.op("MatMul", query, turned, name=f"{scope}.scores")
    shares = graph.op("Softmax", graph.op("Add", scores, mask, name=f"{scope}.seen"), name=f"{scope}.shares", axis=-1)
    mixed = graph.op("MatMul", shares, value, name=f"{scope}.mixed")
    back = graph.op("Transpose", mixed, name=f"{scope}.back", perm=[0, 2, 1, 3])
    return graph.op("Reshape", back, graph.constant("joined", [0, 0, hidden], np.int64), name=f"{scope}.joined")


def _mean_pooled(graph: _Graph, x: str) -> str:
    """The mean over a text's own tokens: (1, tokens) times (tokens, hidden) per text, divided by their number."""
    weights = graph.op("Unsqueeze", "mask.float", graph.constant("one_axis", [1], np.int64), name="pool.weights")
    total = graph.op("MatMul", weights, x, name="pool.total")
    total = graph.op("Squeeze", total, "one_axis", name="pool.sum")
    count = graph.op("ReduceSum", "mask.float", "one_axis", name="pool.count", keepdims=1)
    return graph.op("Div", total, count, name="pool.mean")


def _first_token(graph: _Graph, x: str) -> str:
    return graph.op("Gather", x, graph.constant("part0", 0, np.int64), name="pool.first", axis=1)


def _normalised(graph: _Graph, x: str) -> str:
    """x / max(|x|, TINY)."""
    length = graph.op("ReduceL2", x, graph.constant("last_axis", [-1], np.int64), name="norm.length", keepdims=1)
    safe = graph.op("Max", length, graph.constant("tiny", [TINY]), name="norm.safe")
    return graph.op("Div", x, safe, name="embedding")


def _model(graph: _Graph, config: BertConfig, name: str) -> ModelProto:
    shape = ["texts", "tokens"]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", config.hidden])]
    constants = [numpy_helper.from_array(array, key) for key, array in graph.constants.items()]
    body = helper.make_graph(graph.nodes, name, inputs, outputs, constants)
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="liveprofile")
