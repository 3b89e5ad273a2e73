"""int8 models stay close to their float32 models, and a text's vector does not depend on its neighbours."""

import platform
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


def adds_in_16_bits() -> bool:
    """Whether this processor adds pairs of products in 16 bits: x86 without VNNI."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    return platform.machine() in ("x86_64", "AMD64") and "vnni" not in flags


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


def cosine(exact: np.ndarray[Any, Any], rounded: np.ndarray[Any, Any]) -> float:
    """The mean cosine of unit vectors."""
    return float(np.sum(exact * rounded, axis=1).mean())


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_int8_vectors_are_close_to_float32_ones_in_the_range_that_fits_the_processor(
    both: Callable[..., Any], activation: str
) -> None:
    float32, full = both(hidden_act=activation, name="full")
    _, reduced = both(hidden_act=activation, name="reduced", reduced_range=True)
    exact = float32.encode(TEXTS)
    of_full, of_reduced = cosine(exact, full.encode(TEXTS)), cosine(exact, reduced.encode(TEXTS))
    if adds_in_16_bits():
        assert of_full < of_reduced < 1, "sums that overflow are worse than a bit less"
        assert of_reduced > 0.998
    else:
        assert of_reduced < of_full < 1, "a bit less is further away"
        assert of_full > 0.999


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
