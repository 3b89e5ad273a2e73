"""Variants of an exported model are whole models with ids of their own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveprofile.models import export as export_module
from liveprofile.models import variants as variants_module
from liveprofile.models.embedder import Embedder
from liveprofile.models.errors import ModelError
from liveprofile.models.export import export
from liveprofile.models.manifest import Manifest
from liveprofile.models.recipe import Recipe, check_recipe
from liveprofile.models.topic_names import TopicNames
from liveprofile.models.variants import in_float32, with_dims

TEXTS = ["red pan", "blue jacket", "a lamp 4"]


@pytest.fixture
def exported(tiny_bert: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (export_module, variants_module):
        monkeypatch.setattr(module, "CORPUS_TEXTS", 300)
    monkeypatch.setattr(export_module, "CHECKED_TEXTS", 100)
    export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "model", lambda *_: None)
    return tmp_path / "model"


def test_fewer_dimensions_are_the_first_ones(exported: Path, tmp_path: Path) -> None:
    sealed = with_dims(exported, tmp_path / "fewer", 8)
    whole, fewer = Embedder.load(exported).embed(TEXTS), Embedder.load(tmp_path / "fewer").embed(TEXTS)
    assert fewer.shape == (3, 8)
    assert np.allclose(fewer, whole[:, :8] / np.linalg.norm(whole[:, :8], axis=1, keepdims=True), atol=1e-5)
    assert sealed.dims == 8 and sealed.model_id != Manifest.load(exported).model_id


def test_more_dimensions_are_fitted_again_up_to_the_models_own(exported: Path, tmp_path: Path) -> None:
    with_dims(exported, tmp_path / "more", 24)
    vectors = Embedder.load(tmp_path / "more").embed(TEXTS)
    assert vectors.shape == (3, 24)
    assert TopicNames.load(tmp_path / "more").nearest(vectors) is not None
    with pytest.raises(ModelError, match="dims = 33, allowed 1 to 32"):
        with_dims(exported, tmp_path / "most", 33)


def test_float32_gives_nearly_the_same_vectors_under_another_id(exported: Path, tmp_path: Path) -> None:
    sealed = in_float32(exported, tmp_path / "plain")
    one, other = Embedder.load(exported).embed(TEXTS), Embedder.load(tmp_path / "plain").embed(TEXTS)
    assert not np.array_equal(one, other)
    assert ((one * other).sum(axis=1) > 0.8).all()
    assert sealed.model_id != Manifest.load(exported).model_id
    assert sealed.is_intact(tmp_path / "plain")
