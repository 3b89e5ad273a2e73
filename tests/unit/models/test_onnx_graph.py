"""The ONNX graph computes what a BERT computes, whatever the folder calls its weights."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file
from scipy.special import erf

from liveprofile.models.bert_config import BertConfig, read_bert_config
from liveprofile.models.encoder import open_session
from liveprofile.models.errors import ModelError
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.weights import read_weights

TinyBert = Callable[..., Path]

TEXTS = [np.array(ids) for ids in ([2, 5, 9, 60, 3], [2, 31, 7, 8, 44, 12, 3], [2, 3])]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "gelu_new": lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2,
    "relu": lambda x: np.maximum(x, 0),
}


def reference(config: BertConfig, weights: Mapping[str, Any]) -> Any:
    """A BERT in plain NumPy and float64, one text at a time without padding: shares no code with the graph."""
    return np.array([_one_text(config, weights, ids) for ids in TEXTS])


def _one_text(config: BertConfig, weights: Mapping[str, Any], ids: Any) -> Any:
    def w(name: str) -> Any:
        return weights[name].astype(np.float64)

    def dense(x: Any, name: str) -> Any:
        return x @ w(f"{name}.weight").T + w(f"{name}.bias")

    def norm(x: Any, name: str) -> Any:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + config.layer_norm_eps)
        return (x - x.mean(axis=-1, keepdims=True)) / spread * w(f"{name}.weight") + w(f"{name}.bias")

    x = w("embeddings.word_embeddings.weight")[ids] + w("embeddings.position_embeddings.weight")[: len(ids)]
    x = norm(x + w("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm")
    for layer in range(config.layers):
        scope = f"encoder.layer.{layer}"
        query, key, value = (dense(x, f"{scope}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for start in range(0, config.hidden, config.head_size):
            part = slice(start, start + config.head_size)
            scores = np.exp(query[:, part] @ key[:, part].T / np.sqrt(config.head_size))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, part])
        seen = dense(np.concatenate(heads, axis=1), f"{scope}.attention.output.dense")
        x = norm(x + seen, f"{scope}.attention.output.LayerNorm")
        inner = ACTIVATIONS[config.activation](dense(x, f"{scope}.intermediate.dense"))
        x = norm(x + dense(inner, f"{scope}.output.dense"), f"{scope}.output.LayerNorm")
    pooled = x.mean(axis=0) if config.pooling == "mean" else x[0]
    return pooled / np.linalg.norm(pooled)


def embed(folder: Path) -> Any:
    """What the exported graph of `folder` says about TEXTS."""
    config, weights = _parts(folder)
    model = build_graph(config, Nodes(weights))
    onnx.checker.check_model(model, full_check=True)
    return run(model, TEXTS)


def run(model: onnx.ModelProto, texts: Sequence[Any]) -> Any:
    """The embeddings of texts that are computed together."""
    feed = {"input_ids": np.concatenate(texts), "lengths": np.array([len(ids) for ids in texts])}
    return open_session(model.SerializeToString(), threads=1).run(["embedding"], feed)[0]


def expected(folder: Path) -> Any:
    return reference(*_parts(folder))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_graph_equals_a_bert_in_plain_numpy(tiny_bert: TinyBert, activation: str) -> None:
    folder = tiny_bert(hidden_act=activation)
    assert np.abs(embed(folder) - expected(folder)).max() < 1e-5


def test_cls_pooling_takes_the_first_token(tiny_bert: TinyBert) -> None:
    folder = tiny_bert(pooling="pooling_mode_cls_token")
    mean = tiny_bert("mean", pooling="pooling_mode_mean_tokens")
    assert np.abs(embed(folder) - expected(folder)).max() < 1e-5
    assert np.abs(embed(folder) - embed(mean)).max() > 0.01


def test_a_text_does_not_notice_its_neighbours(tiny_bert: TinyBert) -> None:
    config, weights = _parts(tiny_bert())
    model = build_graph(config, Nodes(weights))
    alone = np.concatenate([run(model, [ids]) for ids in TEXTS])
    assert np.abs(run(model, TEXTS) - alone).max() < 1e-6
    assert np.abs(run(model, TEXTS[::-1]) - alone[::-1]).max() < 1e-6


def test_every_row_has_length_one(tiny_bert: TinyBert) -> None:
    assert np.allclose(np.linalg.norm(embed(tiny_bert()), axis=1), 1, atol=1e-6)


def test_weights_under_a_bert_prefix_give_the_same_vectors(tiny_bert: TinyBert) -> None:
    plain, prefixed = tiny_bert(), tiny_bert("prefixed", prefix="bert.", architectures=["BertForMaskedLM"])
    assert np.array_equal(embed(plain), embed(prefixed))


def test_half_precision_weights_are_widened(tiny_bert: TinyBert) -> None:
    folder = tiny_bert()
    weights = load_file(folder / "model.safetensors")
    full = embed(folder)
    save_file({name: value.astype(np.float16) for name, value in weights.items()}, folder / "model.safetensors")
    assert 0 < np.abs(embed(folder) - full).max() < 0.01


def test_bfloat16_weights_are_the_upper_halves_of_float32() -> None:
    from liveprofile.models.weights import _widen

    halves = np.array([0x3F80, 0xC040], "<u2")
    assert _widen({"dtype": "BF16", "shape": [2], "data": halves.tobytes()}).tolist() == [1.0, -3.0]


def test_a_missing_weight_is_named(tiny_bert: TinyBert) -> None:
    config, weights = _parts(tiny_bert())
    lost = "encoder.layer.1.output.dense.bias"
    with pytest.raises(ModelError, match=f"weight {lost} is missing"):
        build_graph(config, Nodes({name: value for name, value in weights.items() if name != lost}))


def test_weights_of_another_size_are_refused_with_both_shapes(tiny_bert: TinyBert) -> None:
    config, weights = _parts(tiny_bert())
    weights["embeddings.LayerNorm.bias"] = np.zeros(31, np.float32)
    with pytest.raises(ModelError, match=r"LayerNorm.bias is \(31,\), config.json says \(32,\)"):
        build_graph(config, Nodes(weights))


def _parts(folder: Path) -> tuple[BertConfig, dict[str, Any]]:
    return read_bert_config(folder), read_weights(folder / "model.safetensors")
