"""A demo in another language: its shop's settings, where nobody set others, and the model that reads it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveprofile.models.manifest import MANIFEST_FILE
from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.demo.language import speak
from liveprofile.streams.errors import SetupError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What the demo sets for its children goes again."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_a_language_without_its_model_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"export-model --recipe chinese --out .*model-zh"):
        speak(Context(overrides={"data_dir": str(tmp_path)}), "zh")


def with_manifest(folder: Path, model_folder: Path, dims: int) -> None:
    """A model's manifest in a folder, of so many dimensions."""
    folder.mkdir(exist_ok=True)
    told = json.loads((model_folder / MANIFEST_FILE).read_bytes())
    (folder / MANIFEST_FILE).write_text(json.dumps(told | {"dims": dims}))


def test_a_shop_of_a_language_has_its_currency_and_time_zone_and_its_models_dimensions(
    tmp_path: Path, model_folder: Path
) -> None:
    with_manifest(tmp_path / "model-zh", model_folder, 256)
    context = Context(overrides={"data_dir": str(tmp_path)})
    speak(context, "zh")
    settings = context.settings
    assert (settings.language, settings.currency, settings.timezone) == ("zh", "CNY", "Asia/Shanghai")
    assert (settings.model_path, settings.profile.policy.dims) == (tmp_path / "model-zh", 256)
    assert os.environ["LIVEPROFILE_CURRENCY"] == "CNY", "children read the environment"


def test_what_somebody_set_stays(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_manifest(tmp_path, model_folder, 256)
    monkeypatch.setenv("LIVEPROFILE_PROFILE__POLICY__DIMS", "64")
    monkeypatch.setenv("LIVEPROFILE_CURRENCY", "HKD")
    monkeypatch.setenv("LIVEPROFILE_MODEL_DIR", str(tmp_path))
    context = Context()
    speak(context, "zh")
    assert (context.settings.currency, context.settings.model_path) == ("HKD", tmp_path)
    assert context.settings.profile.policy.dims == 64
