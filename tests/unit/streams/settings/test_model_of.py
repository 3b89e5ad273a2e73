"""The model that the settings name has to make vectors as long as those of the profiles."""

from pathlib import Path

import msgspec
import pytest

from liveprofile.models.errors import ModelError
from liveprofile.streams.errors import SetupError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.model_of import manifest_of


def test_a_model_of_the_profiles_dimensions_is_taken(model_folder: Path) -> None:
    assert manifest_of(Settings(model_dir=str(model_folder))).dims == 128


def test_a_model_of_other_dimensions_is_refused_with_both_ways_out(model_folder: Path, tmp_path: Path) -> None:
    settings = Settings(model_dir=str(model_folder))
    profile = msgspec.structs.replace(settings.profile, policy=settings.profile.policy.changed({"dims": 256}))
    with pytest.raises(SetupError, match=r"makes vectors of 128 dimensions, and profile\.policy\.dims is 256") as error:
        manifest_of(msgspec.structs.replace(settings, profile=profile))
    assert "profile.policy.dims = 128" in error.value.next_step
    assert "export-model --dims 256" in error.value.next_step
    with pytest.raises(ModelError, match="no model"):
        manifest_of(Settings(model_dir=str(tmp_path)))
