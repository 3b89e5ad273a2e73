"""Texts are deduplicated, sorted, cut and batched, and nobody can tell from the result."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveprofile.models.bert_config import read_bert_config
from liveprofile.models.encoder import TOKENS_PER_BATCH, Encoder
from liveprofile.models.errors import ModelError
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.hf_tokenizer import read_tokenizer
from liveprofile.models.manifest import Tokens
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.weights import read_weights

TinyBert = Callable[..., Path]


@pytest.fixture
def make_encoder(tiny_bert: TinyBert) -> Callable[..., Encoder]:
    folder = tiny_bert()
    graph = build_graph(read_bert_config(folder), Nodes(read_weights(folder / "model.safetensors"))).SerializeToString()
    tokenizer, name, pad_id = read_tokenizer(folder)

    def make(max_tokens: int = 40, prefix: str = "", threads: int = 1) -> Encoder:
        return Encoder(graph, tokenizer, Tokens(name, pad_id, max_tokens, prefix), threads=threads)

    return make


def test_rows_come_in_the_order_of_the_texts_however_they_were_batched(make_encoder: Callable[..., Encoder]) -> None:
    texts = [("ab " * (1 + i % 11)) + str(i) for i in range(TOKENS_PER_BATCH // 8)]
    encoder = make_encoder()
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.abs(encoder.encode(texts) - alone).max() < 1e-6


def test_equal_texts_get_equal_rows_and_are_computed_once(make_encoder: Callable[..., Encoder]) -> None:
    done: list[int] = []
    rows = make_encoder().encode(["red pan", "blue pan", "red pan"], done.append)
    assert np.array_equal(rows[0], rows[2])
    assert not np.array_equal(rows[0], rows[1])
    assert done[-1] == 2


def test_no_run_has_more_tokens_than_allowed_unless_one_text_has(make_encoder: Callable[..., Encoder]) -> None:
    texts = [f"{'ab ' * (1 + i % 11)}{i}" for i in range(200)]
    feeds = list(make_encoder().feeds(texts))
    assert sorted(row for rows, _ in feeds for row in rows) == list(range(200))
    assert all(len(feed["input_ids"]) == feed["lengths"].sum() <= TOKENS_PER_BATCH for _, feed in feeds)
    assert len(feeds) == -(-sum(len(feed["input_ids"]) for _, feed in feeds) // TOKENS_PER_BATCH)


def test_no_texts_give_no_rows(make_encoder: Callable[..., Encoder]) -> None:
    assert make_encoder().encode([]).shape == (0, 32)


def test_an_empty_text_still_has_a_vector(make_encoder: Callable[..., Encoder]) -> None:
    assert np.linalg.norm(make_encoder().encode([""])) == pytest.approx(1, abs=1e-6)


def test_a_text_is_cut_at_the_most_tokens(make_encoder: Callable[..., Encoder]) -> None:
    long, cut = "a b c d e f g h i j", "a b c d e f"
    assert np.array_equal(make_encoder(8).encode([long]), make_encoder(8).encode([cut]))
    assert not np.array_equal(make_encoder().encode([long]), make_encoder().encode([cut]))


def test_a_prefix_stands_before_every_text(make_encoder: Callable[..., Encoder]) -> None:
    assert np.array_equal(make_encoder(prefix="q ").encode(["pan"]), make_encoder().encode(["q pan"]))


def test_several_threads_give_the_same_vectors(make_encoder: Callable[..., Encoder]) -> None:
    texts = ["red pan", "a", "b c d"]
    assert np.abs(make_encoder(threads=2).encode(texts) - make_encoder().encode(texts)).max() < 1e-6


def test_no_threads_are_refused(make_encoder: Callable[..., Encoder]) -> None:
    with pytest.raises(ModelError, match="threads = 0, least 1"):
        make_encoder(threads=0)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read a tokenizer"):
        read_tokenizer(tmp_path)
