"""A folder is read as a BERT, or refused by name and value with a way out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liveprofile.models.bert_config import read_bert_config
from liveprofile.models.errors import ModelError
from liveprofile.models.weights import find_weights, read_weights

TinyBert = Callable[..., Path]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model_type": "roberta", "architectures": ["RobertaModel"]}, "model_type = 'roberta'"),
        ({"architectures": ["JinaBertForMaskedLM"]}, "architectures = 'JinaBertForMaskedLM'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type = 'relative_key'"),
        ({"hidden_act": "silu"}, "hidden_act = 'silu'"),
        ({"is_decoder": True}, "is_decoder = True"),
        ({"auto_map": {"AutoModel": "custom.Model"}}, "auto_map"),
        ({"num_attention_heads": 5}, "hidden_size 32 is not a multiple"),
    ],
)
def test_anything_but_a_plain_bert_is_refused_by_name_and_value(
    tiny_bert: TinyBert, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(ModelError, match=named) as refused:
        read_bert_config(tiny_bert(**changes))
    assert refused.value.next_step


def test_max_pooling_is_refused(tiny_bert: TinyBert) -> None:
    with pytest.raises(ModelError, match="pooling_mode_max_tokens"):
        read_bert_config(tiny_bert(pooling="pooling_mode_max_tokens"))


def test_a_dense_module_after_the_encoder_is_refused(tiny_bert: TinyBert) -> None:
    folder = tiny_bert()
    (folder / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Dense"}]))
    with pytest.raises(ModelError, match="a Dense module"):
        read_bert_config(folder)


def test_the_length_comes_from_sentence_transformers_and_never_exceeds_the_positions(tiny_bert: TinyBert) -> None:
    folder = tiny_bert()
    assert read_bert_config(folder).max_tokens == 40
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24}')
    assert read_bert_config(folder).max_tokens == 24
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 512}')
    assert read_bert_config(folder).max_tokens == 40


def test_a_folder_without_config_says_what_a_model_folder_holds(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing.*safetensors"):
        read_bert_config(tmp_path)


def test_a_broken_config_is_named(tiny_bert: TinyBert) -> None:
    folder = tiny_bert()
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json is not JSON"):
        read_bert_config(folder)


def test_a_folder_with_pickled_weights_only_is_refused(tiny_bert: TinyBert) -> None:
    folder = tiny_bert()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin.*never pickles"):
        find_weights(folder)


def test_weights_with_another_hash_than_the_official_one_are_refused(tiny_bert: TinyBert) -> None:
    with pytest.raises(ModelError, match=r"expected 00000000.*export again"):
        find_weights(tiny_bert(), "0" * 64)


def test_damaged_weights_are_refused(tiny_bert: TinyBert) -> None:
    path = tiny_bert() / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cannot be read as safetensors"):
        read_weights(path)


def test_weights_of_something_else_are_refused(tiny_bert: TinyBert) -> None:
    with pytest.raises(ModelError, match=r"hold no embeddings\.word_embeddings\.weight"):
        read_weights(tiny_bert(prefix="gpt.") / "model.safetensors")
