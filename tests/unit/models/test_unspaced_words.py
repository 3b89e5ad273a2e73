"""Characters and an embedding find a Chinese title together; models with XLM-R's tokenizer are read."""

import csv
import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from support.paths import DATA, ROOT

from liveprofile.models.bert_config import read_bert_config
from liveprofile.models.embedder import Embedder
from liveprofile.models.encoder import Encoder
from liveprofile.models.graph_nodes import Nodes
from liveprofile.models.hf_tokenizer import read_tokenizer
from liveprofile.models.manifest import REFERENCE_FILE, TOKENIZER_FILE, Manifest, Tokens
from liveprofile.models.onnx_graph import build_graph
from liveprofile.models.projection import Projection
from liveprofile.models.weights import read_weights
from liveprofile.profiles.items.title_similarity import Words, terms

TITLES = DATA / "chinese" / "tmall_beauty_titles.csv.gz"
MODEL = Path(os.environ.get("LIVEPROFILE_TEST_CHINESE_MODEL", ROOT / ".liveprofile" / "model-zh"))
"""What `liveprofile export-model --recipe chinese --out .liveprofile/model-zh` makes."""
ASKED = 500
SHARE_OF_WORDS = 0.7
PAIRS = {
    "孩子喝水用的": "萌叶儿童保温杯316不锈钢吸管水壶",
    "冬天盖的": "云眠家纺加厚羽绒被双人保暖",
    "炒菜不沾": "灶语麦饭石平底煎锅28cm电磁炉通用",
    "脸上干怎么办": "水漾玻尿酸补水保湿面膜20片",
    "跑步穿": "疾风男士透气缓震运动鞋",
    "写作业的灯": "明视LED护眼台灯学生宿舍书桌",
    "狗吃的": "旺汪成犬全价粮鸡肉味10kg",
    "下雨天": "晴天三折全自动雨伞加固抗风",
    "给手机充电": "快电20000毫安移动电源大容量",
    "扫地": "净界智能扫拖一体机器人",
    "露营睡觉": "野趣双人帐篷防雨速开户外",
    "泡茶": "陶然紫砂壶功夫茶具套装",
}
"""Queries of our own, and the titles that answer them: they share hardly a word."""
Floats = Any


def test_an_xlm_r_begins_its_positions_after_the_row_of_its_padding(tiny_bert: Callable[..., Path]) -> None:
    """As transformers computes them: padding_idx + 1 + place."""
    changes = {"model_type": "xlm-roberta", "architectures": ["XLMRobertaModel"], "pad_token_id": 1}
    folder = tiny_bert(**changes)
    config, weights = read_bert_config(folder), read_weights(folder / "model.safetensors")
    assert (config.first_position, config.positions, config.max_tokens) == (2, 38, 38)
    same = tiny_bert("same", max_position_embeddings=38)
    weights_from_2 = dict(weights)
    weights_from_2["embeddings.position_embeddings.weight"] = weights["embeddings.position_embeddings.weight"][2:]
    tokenizer, name, pad = read_tokenizer(same)
    vectors = [
        Encoder(build_graph(one, Nodes(dict(of))).SerializeToString(), tokenizer, Tokens(name, pad, 38)).encode(["abc"])
        for one, of in ((config, weights), (read_bert_config(same), weights_from_2))
    ]
    assert np.array_equal(*vectors)


def test_a_unigram_tokenizer_is_read_as_it_is_and_its_prefix_is_put_before_every_text(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = [
        ("<s>", 0.0),
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("洗面奶", -3.0),
        ("补水", -3.0),
    ]
    pieces += [("query", -3.0), (":", -3.0)]
    made = Tokenizer(models.Unigram(pieces, unk_id=3))
    made.normalizer, made.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    made.save(str(tmp_path / "tokenizer.json"))
    names = {"tokenizer_class": "XLMRobertaTokenizer", "pad_token": "<pad>", "unk_token": "<unk>"}
    names |= {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(names))
    tokenizer, name, pad = read_tokenizer(tmp_path)
    assert (name, pad) == ("XLMRobertaTokenizer", 1)
    read = Tokenizer.from_buffer(tokenizer).encode("query: 洗面奶补水").tokens
    assert read == ["<s>", "▁", "query", ":", "▁", "洗面奶", "补水", "</s>"]


def test_softening_evens_the_dimensions_out_and_none_is_pca_to_the_byte() -> None:
    rows = np.random.default_rng(3).normal(size=(400, 12)).astype(np.float32) * np.linspace(4, 1, 12, dtype=np.float32)
    plain, none, half, whole = (Projection.fit(rows, 6, *given) for given in ((), (0.0,), (0.5,), (1.0,)))
    assert plain.to_bytes() == none.to_bytes()
    ratios = [
        (one := (rows - p.mean) @ p.components.T).std(axis=0)[0] / one.std(axis=0)[-1] for p in (plain, half, whole)
    ]
    assert ratios[0] > ratios[1] > 1.05 > ratios[2] > 0.95


def test_titles_with_spaces_are_compared_by_their_words_alone() -> None:
    assert terms("Café Röst 1/2 x_y") == ["café", "röst", "1/2", "x_y"]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("补水面膜", "自然堂补水保湿面膜贴20片"),
        ("bb霜", "美宝莲巨遮瑕BB霜30ml"),
        ("หม้อหุงข้าว", "หม้อหุงข้าวไฟฟ้า 1.8 ลิตร"),
        ("50ml 精华", "兰蔻小黑瓶精华肌底液50ml"),
    ],
)
def test_a_query_without_spaces_finds_its_title(query: str, title: str) -> None:
    index = Words()
    for place, one in enumerate(["口红豆沙色", "กระเป๋าเดินทาง", "男士洗面奶100g", "lipstick red", title]):
        index.put(place, one)
    assert index.closeness_of([query]).argmax() == 4


def test_embedding_and_characters_together_find_more_titles_than_the_embedding() -> None:
    """int8 in the profile's dimensions is held against float32 in all; see docs/quality.md, Chinese."""
    for path in (TITLES, MODEL):
        if not path.exists():
            pytest.skip(f"SKIPPED FOR WANT OF DATA: {path} is not there, Chinese texts were not tried")
    titles, queries = _titles_and_queries()
    manifest, embedder, words = Manifest.load(MODEL), Embedder.load(MODEL), Words()
    original = Encoder(manifest.read(MODEL, REFERENCE_FILE), manifest.read(MODEL, TOKENIZER_FILE), manifest.tokens)
    for place, title in enumerate(titles):
        words.put(place, title)
    by_float32 = original.encode(queries) @ original.encode(titles).T
    by_text = embedder.embed(queries) @ embedder.embed(titles).T
    by_words = words.closeness_of(queries)
    both = (1 - SHARE_OF_WORDS) * by_text + SHARE_OF_WORDS * by_words
    found = {
        name: _found(one)
        for name, one in [("float32", by_float32), ("int8", by_text), ("words", by_words), ("both", both)]
    }
    print(found)
    assert found["int8"][0] >= found["float32"][0] - 0.01 and found["int8"][1] >= found["float32"][1] - 0.01
    assert found["both"][0] >= 0.99 and found["both"][1] >= 0.96
    assert found["both"][0] > max(found["int8"][0], found["words"][0])


def test_a_query_finds_the_title_that_means_the_same_in_other_words() -> None:
    if not MODEL.exists():
        pytest.skip(f"SKIPPED FOR WANT OF A MODEL: {MODEL} is not there, Chinese texts were not tried")
    embedder = Embedder.load(MODEL)
    auc, _ = _found(embedder.embed(list(PAIRS)) @ embedder.embed(list(PAIRS.values())).T)
    assert auc >= 0.9


def _found(closeness: Floats) -> tuple[float, float]:
    """The AUC of the right title, and the share of queries with it among the first ten; ties count half."""
    right = np.diag(closeness)[:, None]
    before = (closeness > right).sum(axis=1) + ((closeness == right).sum(axis=1) - 1) / 2
    return float(np.mean(1 - before / (len(closeness) - 1))), float(np.mean(before < 10))


def _titles_and_queries() -> tuple[list[str], list[str]]:
    """Titles, and for each a query that is cut out of it: up to two pieces, each of at most four characters."""
    with gzip.open(TITLES, "rt", encoding="utf-8") as file:
        titles = sorted({row["title"] for row in csv.DictReader(file)})
    rng = Random(5)
    chosen = rng.sample(titles, ASKED)
    return [title.lower() for title in chosen], [_piece(title, rng).lower() for title in chosen]


def _piece(title: str, rng: Random) -> str:
    parts = [part for part in re.split(r"[\s/（）()【】,，+]+", title) if len(part) > 1] or [title]
    pieces = []
    for part in rng.sample(parts, min(2, len(parts))):
        start = rng.randrange(len(part) - 4) if len(part) > 5 else 0
        pieces.append(part[start : start + 4] if len(part) > 5 else part)
    return "".join(pieces)
