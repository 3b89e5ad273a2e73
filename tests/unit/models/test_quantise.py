"""int8 models stay close to their float32 models, and a text's vector does not depend on its neighbours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveprofile.models.bert_config import read_bert_config
from liveprofile.models.calibrate import activation_ranges, best_range
from liveprofile.models.encoder import Encoder
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.hf_tokenizer import read_tokenizer
from liveprofile.models.manifest import Tokens
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.quantise import quantise
from liveprofile.models.weights import read_weights

TinyBert = Callable[..., Path]

TEXTS = [f"{'ab ' * (1 + i % 7)}{chr(97 + i % 26)} {i}" for i in range(60)]


@pytest.fixture
def both(tiny_bert: TinyBert) -> Callable[..., tuple[Encoder, Encoder]]:
    """A float32 encoder and the int8 one that was made of it."""

    def make(reduced_range: bool = False, **changes: Any) -> tuple[Encoder, Encoder]:
        folder = tiny_bert(**changes)
        config, weights = read_bert_config(folder), read_weights(folder / "model.safetensors")
        tokenizer, name, pad_id = read_tokenizer(folder)
        tokens = Tokens(name, pad_id, 40)
        float32 = build_graph(config, Nodes(weights))
        original = Encoder(float32.SerializeToString(), tokenizer, tokens)
        ranges = activation_ranges(float32, (feed for _, feed in original.feeds(TEXTS)), lambda _: None)
        int8 = quantise(config, weights, ranges, reduced_range=reduced_range)
        return original, Encoder(int8.SerializeToString(), tokenizer, tokens)

    return make


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_int8_vectors_are_close_to_float32_ones(both: Callable[..., Any], activation: str) -> None:
    float32, int8 = both(hidden_act=activation)
    exact, rounded = float32.encode(TEXTS), int8.encode(TEXTS)
    assert 0.999 < np.sum(exact * rounded, axis=1).mean() < 1


def test_seven_bits_are_further_away_than_eight(both: Callable[..., Any]) -> None:
    float32, full = both(reduced_range=False, name="full")
    _, reduced = both(reduced_range=True, name="reduced")
    exact = float32.encode(TEXTS)
    assert np.sum(exact * reduced.encode(TEXTS)) < np.sum(exact * full.encode(TEXTS))


def test_an_int8_vector_is_the_same_alone_and_in_company(both: Callable[..., Any]) -> None:
    _, int8 = both()
    alone = np.concatenate([int8.encode([text]) for text in TEXTS])
    cosines = np.sum(int8.encode(TEXTS) * alone, axis=1)
    assert np.median(cosines) > 1 - 1e-6 and cosines.min() > 0.999


def test_a_rare_large_value_is_cut_where_finer_steps_win() -> None:
    values = np.append(np.random.default_rng(3).normal(0, 1, 1_000_000), 20.0).astype(np.float32)
    low, high = best_range(values)
    assert -5.5 < low < -2.5 and 3 < high < 12


def test_values_that_are_never_positive_still_have_a_range_with_zero() -> None:
    assert best_range(np.array([-1.0, -0.5], np.float32)) == (-1.0, pytest.approx(0, abs=1e-6))
    low, high = best_range(np.zeros(4, np.float32))
    assert low == 0 < high
