"""What an ONNX graph of a BERT does not say, found by trial: number of heads, activation, epsilon of the norms.

None of them shows in the weights, and exporters write them into the graph in many ways. So each candidate is built as
our own graph, and the file's graph is the judge: the one that gives the same vectors is right. This proves at the same
time that the weights were read right.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.bert_config import BertConfig
from liveprofile.models.encoder import open_session
from liveprofile.models.errors import ModelError
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.onnx_source import PLAIN, Array, sizes_of

HEAD_SIZES = (64, 32, 128, 96, 48, 16, 24, 8)
"""Widths of an attention head, the usual one first."""
ACTIVATIONS = ("gelu", "gelu_new", "relu")
EPSILONS = (1e-12, 1e-5)
LEAST_COSINE = 0.9999
"""Of each vector of the file's graph and of ours; a wrong candidate has less than .99."""
LENGTHS, STRIDE = (3, 9, 17, 30), 7919
"""Of the token sequences that both graphs compute, in tokens; and the step through the vocabulary."""


def find_config(path: Path, weights: Mapping[str, Array], pooling: str) -> BertConfig:
    """The config with which our graph gives the same vectors as the graph in the file. ModelError if none does."""
    sizes, sequences = sizes_of(weights), _sequences(weights)
    wanted = _pooled_by_file(path, sequences, pooling)
    best = 0.0
    for config in _candidates(sizes, pooling):
        found = _pooled_by_us(config, weights, sequences)
        least = float((found * wanted).sum(axis=1).min())
        if least >= LEAST_COSINE:
            return config
        best = max(best, least)
    raise ModelError(f"{path}: no plain BERT with its weights gives its vectors (best cosine {best:.3f})", PLAIN)


def _candidates(sizes: Mapping[str, int], pooling: str) -> Iterator[BertConfig]:
    hidden, positions = sizes["hidden_size"], sizes["max_position_embeddings"]
    for epsilon, activation, head in product(EPSILONS, ACTIVATIONS, HEAD_SIZES):
        if hidden % head == 0:
            yield BertConfig(
                hidden=hidden,
                layers=sizes["num_hidden_layers"],
                heads=hidden // head,
                intermediate=sizes["intermediate_size"],
                vocabulary=sizes["vocab_size"],
                positions=positions,
                activation=activation,
                layer_norm_eps=epsilon,
                pooling=pooling,
                max_tokens=positions,
            )


def _sequences(weights: Mapping[str, Array]) -> list[npt.NDArray[np.int64]]:
    """Token ids spread over the vocabulary; which texts they stand for does not matter."""
    vocabulary = sizes_of(weights)["vocab_size"]
    return [
        np.arange(1, length + 1, dtype=np.int64) * 7919 * (at + 1) % vocabulary for at, length in enumerate(LENGTHS)
    ]


def _pooled_by_us(config: BertConfig, weights: Mapping[str, Array], sequences: list[Any]) -> Array:
    session = open_session(build_graph(config, Nodes(dict(weights))).SerializeToString(), 1)
    feed = {"input_ids": np.concatenate(sequences), "lengths": np.array([len(one) for one in sequences], np.int64)}
    found: Array = session.run(["embedding"], feed)[0]
    return found


def _pooled_by_file(path: Path, sequences: list[Any], pooling: str) -> Array:
    """Unit vectors from the file's first output, the hidden states, one text at a time."""
    session = open_session(path.read_bytes(), 1)
    names = {one.name for one in session.get_inputs()}
    rows = []
    for ids in sequences:
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, {name: one[None] for name, one in feed.items() if name in names})[0]
        if hidden.ndim != 3:
            raise ModelError(f"{path}: the first output has {hidden.ndim} axes, expected hidden states with 3", PLAIN)
        pooled = hidden[0, 0] if pooling == "cls" else hidden[0].mean(axis=0)
        rows.append(pooled / np.linalg.norm(pooled))
    return np.array(rows, np.float32)
