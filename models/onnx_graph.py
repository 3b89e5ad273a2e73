"""A BERT encoder's ONNX graph, built straight from its weights: embeddings, layers, pooling and L2 norm, without torch.

Inputs  `input_ids`   int64 (tokens,), the tokens of all texts one after another, without padding
        `lengths`     int64 (texts,), how many tokens each text has, at least 1
Output  `embedding`   float32 (texts, hidden), each row of length 1

Source: Devlin et al., BERT (NAACL 2019), post-norm layers as in Hugging Face's `BertModel`; pooling as in
sentence-transformers (Reimers and Gurevych, EMNLP 2019). Padding is left out as in ByteTransformer (Zhai et al., IPDPS
2023): dense layers and norms see tokens only. All operators here are standard, so any runtime can run it in float32.
"""

import math
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, TensorProto

from liveprofile.models.bert_config import BertConfig
from liveprofile.models.graph_nodes import Nodes

MASKED = -10_000.0
"""Added to the attention scores of padding: exp of it is 0 in float32."""
TINY = 1e-12
"""Least length that a vector is divided by, as in torch's normalize."""

PARTS = ("query", "key", "value")


def build_graph(config: BertConfig, graph: Nodes, name: str = "bert") -> ModelProto:
    """The whole model, built with `graph`; raises ModelError if a weight is missing or has another shape."""
    grid = _grid(graph)
    heads = _head_rows(graph, config, grid)
    x = _embeddings(graph, config, grid)
    for layer in range(config.layers):
        x = _layer(graph, config, heads, x, f"encoder.layer.{layer}")
    _normalised(graph, _mean_pooled(graph, grid, x) if config.pooling == "mean" else _first_token(graph, grid, x))
    sizes = {"input_ids": "tokens", "lengths": "texts"}
    return graph.model(name, sizes, "embedding", ["texts", config.hidden])


@dataclass(frozen=True)
class _Grid:
    """Names of where tokens are: all in one row for most of the work, a padded row for each text where they meet."""

    kept: str
    """(texts, longest) bool: whether there is a token, not padding."""
    tokens: str
    """(texts, longest): the token's number among all tokens; 0 for padding."""
    starts: str
    """(texts,): the number of each text's first token."""
    longest: str
    """Number of tokens of the longest text."""
    text: str
    """(tokens,): the number of a token's text."""
    position: str
    """(tokens,): the token's place in its text."""


def _grid(graph: Nodes) -> _Grid:
    """Everything follows from `lengths`."""
    zero, one = (graph.constant(name, number, np.int64) for name, number in (("zero", 0), ("one", 1)))
    last = graph.constant("last_axis", [-1], np.int64)
    longest = graph.op("ReduceMax", "lengths", name="grid.longest", keepdims=0)
    columns = graph.op("Range", zero, longest, one, name="grid.columns")
    kept = graph.op("Less", columns, graph.op("Unsqueeze", "lengths", last, name="grid.lengths"), name="grid.kept")
    starts = graph.op("CumSum", "lengths", zero, name="grid.starts", exclusive=1)
    places = graph.op("Add", graph.op("Unsqueeze", starts, last, name="grid.first"), columns, name="grid.places")
    tokens = graph.op("Where", kept, places, zero, name="grid.tokens")
    cells = graph.op("NonZero", kept, name="grid.cells")
    text = graph.op("Gather", cells, zero, name="grid.text", axis=0)
    position = graph.op("Gather", cells, one, name="grid.position", axis=0)
    return _Grid(kept, tokens, starts, longest, text, position)


@dataclass(frozen=True)
class _HeadRows:
    """Names of where the parts of attention are, in rows of `head_size` numbers: one head of one token."""

    parts: tuple[str, str, str]
    """(texts, heads, longest) each: the rows of query, key and value for a cell of the grid."""
    back: str
    """(tokens, heads): the rows of the grid's result for a token."""
    mask: str
    """(texts, 1, 1, longest): 0 for a token, MASKED for padding."""


def _head_rows(graph: Nodes, config: BertConfig, grid: _Grid) -> _HeadRows:
    """Row numbers: a token's are 3 times heads in the product of Q, K and V; a text's are heads times longest after."""
    heads, last = np.arange(config.heads), graph.constant("last_axis", [-1], np.int64)
    number = graph.constant("heads", config.heads, np.int64)
    first = graph.op("Mul", grid.tokens, graph.constant("parts", 3 * config.heads, np.int64), name="heads.first")
    first = graph.op("Unsqueeze", first, graph.constant("one_axis", [1], np.int64), name="heads.column")
    parts = [
        graph.op("Add", first, graph.constant(f"{part}.heads", column, np.int64), name=f"heads.{part}")
        for part, column in zip(PARTS, np.split(np.arange(3 * config.heads)[:, None], 3), strict=True)
    ]
    text = graph.op("Mul", graph.op("Mul", grid.text, number, name="heads.text"), grid.longest, name="heads.cell")
    cell = graph.op("Unsqueeze", graph.op("Add", text, grid.position, name="heads.place"), last, name="heads.cells")
    steps = graph.op("Mul", graph.constant("each_head", heads, np.int64), grid.longest, name="heads.steps")
    back = graph.op("Add", cell, steps, name="heads.back")
    seen, masked = graph.constant("seen", 0.0), graph.constant("masked", MASKED)
    mask = graph.op("Where", grid.kept, seen, masked, name="mask.scores")
    mask = graph.op("Unsqueeze", mask, graph.constant("head_axes", [1, 2], np.int64), name="mask")
    return _HeadRows((parts[0], parts[1], parts[2]), back, mask)


def _embeddings(graph: Nodes, config: BertConfig, grid: _Grid) -> str:
    """Word, position and segment rows summed and normalised; the one segment is folded into the positions."""
    rows = graph.weight("embeddings.word_embeddings.weight", config.vocabulary, config.hidden)
    rows_in_all = config.first_position + config.positions
    positions = graph.weight("embeddings.position_embeddings.weight", rows_in_all, config.hidden)[
        config.first_position :
    ]
    segments = graph.weights.get("embeddings.token_type_embeddings.weight")
    words = graph.rows(rows, "input_ids", "embeddings.words")
    table = graph.constant("positions", positions if segments is None else positions + segments[0])
    places = graph.op("Gather", table, grid.position, name="embeddings.positions", axis=0)
    return graph.layer_norm(graph.op("Add", words, places, name="embeddings.sum"), "embeddings.LayerNorm", config)


def _layer(graph: Nodes, config: BertConfig, heads: _HeadRows, x: str, scope: str) -> str:
    """Attention, then the feed-forward pair, each added to its input and normalised."""
    hidden, wide = config.hidden, config.intermediate
    seen = _attention(graph, config, heads, x, f"{scope}.attention")
    out = graph.dense(seen, f"{scope}.attention.output.dense", hidden, hidden, name=f"{scope}.attention.out")
    x = graph.op("Add", out, x, name=f"{scope}.attention.sum")
    x = graph.layer_norm(x, f"{scope}.attention.output.LayerNorm", config)
    inner = graph.dense(x, f"{scope}.intermediate.dense", wide, hidden, name=f"{scope}.inner")
    inner = _activation(graph, config.activation, inner, f"{scope}.activation")
    out = graph.dense(inner, f"{scope}.output.dense", hidden, wide, name=f"{scope}.out")
    return graph.layer_norm(graph.op("Add", out, x, name=f"{scope}.sum"), f"{scope}.output.LayerNorm", config)


def _activation(graph: Nodes, kind: str, x: str, name: str) -> str:
    if kind == "relu":
        return graph.op("Relu", x, name=name)
    return graph.op("Gelu", x, name=name, approximate="none" if kind == "gelu" else "tanh")


def _attention(graph: Nodes, config: BertConfig, heads: _HeadRows, x: str, scope: str) -> str:
    """softmax(Q K^T / sqrt(head) + mask) V; one product makes Q, K and V, the scale is folded into Q's weights."""
    hidden, scale = config.hidden, np.float32(1 / math.sqrt(config.head_size))
    scopes = [f"{scope}.self.{part}" for part in PARTS]
    weight = np.concatenate([graph.weight(f"{part}.weight", hidden, hidden) for part in scopes])
    bias = np.concatenate([graph.weight(f"{part}.bias", hidden) for part in scopes])
    weight[:hidden] *= scale
    bias[:hidden] *= scale
    both = graph.affine(x, weight, bias, f"{scope}.qkv")
    rows = graph.op("Reshape", both, graph.constant("rows", [-1, config.head_size], np.int64), name=f"{scope}.rows")
    query, key, value = (
        graph.op("Gather", rows, where, name=f"{scope}.{part}", axis=0)
        for part, where in zip(PARTS, heads.parts, strict=True)
    )
    turned = graph.op("Transpose", key, name=f"{scope}.turned", perm=[0, 1, 3, 2])
    scores = graph.op("MatMul", query, turned, name=f"{scope}.scores")
    scores = graph.op("Add", scores, heads.mask, name=f"{scope}.seen")
    shares = graph.op("Softmax", scores, name=f"{scope}.shares", axis=-1)
    mixed = graph.op("MatMul", shares, value, name=f"{scope}.mixed")
    mixed = graph.op("Reshape", mixed, "rows", name=f"{scope}.mixed.rows")
    back = graph.op("Gather", mixed, heads.back, name=f"{scope}.back", axis=0)
    return graph.op("Reshape", back, graph.constant("joined", [-1, hidden], np.int64), name=f"{scope}.joined")


def _mean_pooled(graph: Nodes, grid: _Grid, x: str) -> str:
    """The mean over a text's own tokens: (1, longest) times (longest, hidden) per text, divided by their number."""
    kept = graph.op("Cast", grid.kept, name="pool.kept", to=TensorProto.FLOAT)
    weights = graph.op("Unsqueeze", kept, "one_axis", name="pool.weights")
    rows = graph.op("Gather", x, grid.tokens, name="pool.rows", axis=0)
    total = graph.op("MatMul", weights, rows, name="pool.total")
    total = graph.op("Squeeze", total, "one_axis", name="pool.sum")
    count = graph.op("ReduceSum", kept, "one_axis", name="pool.count", keepdims=1)
    return graph.op("Div", total, count, name="pool.mean")


def _first_token(graph: Nodes, grid: _Grid, x: str) -> str:
    return graph.op("Gather", x, grid.starts, name="pool.first", axis=0)


def _normalised(graph: Nodes, x: str) -> str:
    """x / max(|x|, TINY)."""
    length = graph.op("ReduceL2", x, graph.constant("last_axis", [-1], np.int64), name="norm.length", keepdims=1)
    safe = graph.op("Max", length, graph.constant("tiny", [TINY]), name="norm.safe")
    return graph.op("Div", x, safe, name="embedding")
