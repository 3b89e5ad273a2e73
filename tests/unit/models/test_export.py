"""An export is whole or not at all, done once, checked, and refused when the int8 model strays."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto

from liveprofile.models import export as export_module
from liveprofile.models import quantise as quantise_module
from liveprofile.models import recipe as recipe_module
from liveprofile.models.embedder import Embedder
from liveprofile.models.errors import ModelError
from liveprofile.models.export import export
from liveprofile.models.manifest import ENCODER_FILE, MANIFEST_FILE, PROJECTION_FILE, Manifest
from liveprofile.models.recipe import Recipe, check_recipe
from liveprofile.models.topic_names import TopicNames

TinyBert = Callable[..., Path]


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller corpus: a test needs no good projection."""
    monkeypatch.setattr(export_module, "CORPUS_TEXTS", 300)
    monkeypatch.setattr(export_module, "CHECKED_TEXTS", 100)


@pytest.fixture
def exported(tiny_bert: TinyBert, tmp_path: Path, few_texts: None) -> Path:
    export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "model", silent)
    return tmp_path / "model"


def test_an_exported_folder_embeds_texts(exported: Path) -> None:
    embedder = Embedder.load(exported)
    rows = embedder.embed(["red pan", "blue pan", "red pan"])
    assert rows.shape == (3, 16) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows[0], rows[2])
    assert (embedder.dims, embedder.model_id) == (16, Manifest.load(exported).model_id)
    assert embedder.embed([]).shape == (0, 16)


def test_the_model_id_names_the_folder_and_a_hash(exported: Path) -> None:
    name, digest = Manifest.load(exported).model_id.split("-int8@")
    assert name == "tiny-bert" and len(bytes.fromhex(digest)) == 4


def test_a_second_export_of_the_same_does_nothing(exported: Path, tiny_bert: TinyBert) -> None:
    steps: list[str] = []
    source = exported.with_name("tiny-bert")
    before = (exported / MANIFEST_FILE).stat().st_mtime_ns
    export(check_recipe(Recipe(source, dims=16)), exported, lambda what, _done, _total: steps.append(what))
    assert not steps
    assert (exported / MANIFEST_FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize("change", [{"dims": 8}, {"max_tokens": 20}, {"prefix": "query: "}])
def test_another_choice_makes_another_model(exported: Path, change: dict[str, Any]) -> None:
    before = Manifest.load(exported).model_id
    export(check_recipe(Recipe(exported.with_name("tiny-bert"), **({"dims": 16} | change))), exported, silent)
    assert Manifest.load(exported).model_id != before


def test_a_damaged_folder_is_not_up_to_date(exported: Path) -> None:
    checked = check_recipe(Recipe(exported.with_name("tiny-bert"), dims=16))
    assert checked.is_done(exported)
    _flip_a_byte(exported / ENCODER_FILE)
    assert not checked.is_done(exported)


def test_an_edit_of_the_code_that_makes_a_model_makes_it_again(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = check_recipe(Recipe(exported.with_name("tiny-bert"), dims=16))
    monkeypatch.setattr(recipe_module, "MAKERS", ("onnx_graph.py",))
    assert not checked.is_done(exported)


def test_the_same_inputs_give_the_same_model_id(exported: Path, tmp_path: Path) -> None:
    again = export(check_recipe(Recipe(exported.with_name("tiny-bert"), dims=16)), tmp_path / "again", silent)
    assert again.model_id == Manifest.load(exported).model_id


@pytest.mark.parametrize("name", [ENCODER_FILE, PROJECTION_FILE])
def test_a_flipped_byte_is_refused_with_the_next_step(exported: Path, name: str) -> None:
    _flip_a_byte(exported / name)
    with pytest.raises(ModelError, match=f"{name} has sha256 .* the manifest says .*export-model --force"):
        Embedder.load(exported)


def test_a_missing_file_is_refused_with_the_next_step(exported: Path) -> None:
    (exported / PROJECTION_FILE).unlink()
    with pytest.raises(ModelError, match=f"{PROJECTION_FILE} is missing.*export-model --force"):
        Embedder.load(exported)


def test_a_folder_without_a_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no model in .*liveprofile export-model --out"):
        Embedder.load(tmp_path)


@pytest.mark.parametrize("broken", ["{", '{"layout": 1}', "[]"])
def test_a_broken_manifest_is_refused(exported: Path, broken: str) -> None:
    (exported / MANIFEST_FILE).write_text(broken)
    with pytest.raises(ModelError, match=r"manifest\.json cannot be read"):
        Embedder.load(exported)


def test_a_manifest_of_another_layout_is_refused(exported: Path) -> None:
    manifest = json.loads((exported / MANIFEST_FILE).read_text()) | {"layout": 99}
    (exported / MANIFEST_FILE).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="has layout 99, this version reads 2"):
        Embedder.load(exported)


def test_an_int8_model_that_strays_is_refused_and_leaves_nothing_behind(
    tiny_bert: TinyBert, tmp_path: Path, few_texts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "LEAST_MEAN_COSINE", 1.01)
    with pytest.raises(ModelError, match=r"mean cosine to the float32 model is 0\.99\d* on 100 texts, least 1\.01"):
        export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "model", silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-bert"]


def test_where_the_full_range_strays_the_reduced_one_is_tried(
    tiny_bert: TinyBert, tmp_path: Path, few_texts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflowing(*parts: Any, reduced_range: bool) -> ModelProto:
        model = quantise_module.quantise(*parts, reduced_range=reduced_range)
        return model if reduced_range else ModelProto.FromString(_other_model(tmp_path))

    other = export(check_recipe(Recipe(tiny_bert("other", num_hidden_layers=1), dims=16)), tmp_path / "others", silent)
    assert not other.quantisation.reduced_range
    monkeypatch.setattr(export_module, "quantise", overflowing)
    manifest = export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "model", silent)
    assert manifest.quantisation.reduced_range


def _other_model(folder: Path) -> bytes:
    return (folder / "others" / ENCODER_FILE).read_bytes()


def test_a_folder_with_other_files_is_never_replaced(tiny_bert: TinyBert, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("In the beginning")
    with pytest.raises(ModelError, match="holds files that are not a model"):
        export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "thesis", silent, force=True)
    assert (tmp_path / "thesis" / "chapter1.tex").exists()


@pytest.mark.parametrize("dims", [0, 33])
def test_dimensions_beyond_the_model_are_refused(tiny_bert: TinyBert, dims: int) -> None:
    with pytest.raises(ModelError, match=f"--dims {dims}, allowed 1 to 32"):
        check_recipe(Recipe(tiny_bert(), dims=dims))


def test_topics_are_in_the_folder(exported: Path) -> None:
    topics = TopicNames.load(exported)
    assert len(topics.names) >= 40
    assert topics.nearest(np.zeros((2, 16), np.float32)) == [None, None]


def test_what_a_killed_export_left_is_swept_away_and_a_running_one_is_let_be(
    tiny_bert: TinyBert, tmp_path: Path, few_texts: None
) -> None:
    killed, running = tmp_path / "model.making-999999999", tmp_path / f"model.making-{os.getppid()}"
    killed.mkdir()
    running.mkdir()
    export(check_recipe(Recipe(tiny_bert(), dims=16)), tmp_path / "model", silent)
    assert not killed.exists() and running.exists()


def _flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
