"""The exported model that the settings name, which has to fit the profiles."""

from liveprofile.models.manifest import Manifest
from liveprofile.streams.errors import SetupError
from liveprofile.streams.settings.model import Settings


def manifest_of(settings: Settings) -> Manifest:
    """The model's manifest. ModelError without a model, SetupError for one of other dimensions than profiles have."""
    manifest, dims = Manifest.load(settings.model_path), settings.profile.policy.dims
    if manifest.dims != dims:
        raise SetupError(
            f"The model in {settings.model_path} makes vectors of {manifest.dims} dimensions, and "
            f"profile.policy.dims is {dims}.",
            f"For a new shop set profile.policy.dims = {manifest.dims}; profiles that are there need a model made with "
            f"`liveprofile export-model --dims {dims}`.",
        )
    return manifest
