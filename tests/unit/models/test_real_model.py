"""The exported all-MiniLM-L6-v2 does what it is for."""

from pathlib import Path

import numpy as np
import pytest

from liveprofile.models import corpus
from liveprofile.models.embedder import Embedder
from liveprofile.models.encoder import Encoder
from liveprofile.models.manifest import ENCODER_FILE, REFERENCE_FILE, TOKENIZER_FILE, Manifest
from liveprofile.models.recipe import LEAST_MEAN_COSINE, OFFICIAL_SHA256
from liveprofile.models.topic_names import TopicNames


@pytest.fixture(scope="module")
def embedder(model_folder: Path) -> Embedder:
    return Embedder.load(model_folder)


def test_the_weights_are_the_official_ones(model_folder: Path) -> None:
    assert Manifest.load(model_folder).source_sha256 == OFFICIAL_SHA256


def test_int8_stays_close_to_float32_on_texts_that_the_export_did_not_check(model_folder: Path) -> None:
    manifest, texts = Manifest.load(model_folder), corpus.texts(200, seed=77)
    tokenizer = manifest.read(model_folder, TOKENIZER_FILE)
    int8, fp32 = (
        Encoder(manifest.read(model_folder, name), tokenizer, manifest.tokens).encode(texts)
        for name in (ENCODER_FILE, REFERENCE_FILE)
    )
    assert np.sum(int8 * fp32, axis=1).mean() >= LEAST_MEAN_COSINE


def test_a_text_has_one_vector_whoever_shares_its_batch(embedder: Embedder) -> None:
    texts = list(dict.fromkeys(corpus.texts(100, seed=78)))
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.abs(embedder.embed(texts) - alone).max() < 1e-5


def test_float32_gives_the_vectors_that_sentence_transformers_publishes(model_folder: Path) -> None:
    """The first example of sentence-transformers' own documentation, with the cosines that it prints."""
    manifest = Manifest.load(model_folder)
    encoder = Encoder(
        manifest.read(model_folder, REFERENCE_FILE), manifest.read(model_folder, TOKENIZER_FILE), manifest.tokens
    )
    rows = encoder.encode(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    cosines = rows @ rows.T
    assert np.allclose([cosines[0, 1], cosines[0, 2], cosines[1, 2]], [0.6660, 0.1046, 0.1411], atol=2e-4)


def test_texts_about_one_thing_are_closer_than_texts_about_two(embedder: Embedder) -> None:
    pan, skillet, tent = embedder.embed(["cast iron frying pan 28 cm", "iron skillet for steaks", "four person tent"])
    assert pan @ skillet > 0.4 > pan @ tent + 0.2


def test_most_titles_and_queries_find_their_own_topic(embedder: Embedder, model_folder: Path) -> None:
    topics, right, asked = TopicNames.load(model_folder), 0, 0
    for name in topics.names:
        texts = corpus.sample_titles(name, 4, seed=99) + corpus.sample_queries(name, 4, seed=99)
        found = topics.nearest(embedder.embed(texts))
        right, asked = right + found.count(name), asked + len(texts)
    assert right / asked > 0.8


def test_what_has_nothing_to_do_with_a_shop_has_no_topic(embedder: Embedder, model_folder: Path) -> None:
    texts = ["the parliament voted on the treaty", "prove that the square root of two is irrational", "asdkjh qwe zzz"]
    assert TopicNames.load(model_folder).nearest(embedder.embed(texts)).count(None) >= 2
