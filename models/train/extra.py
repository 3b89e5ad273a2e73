"""Whether the packages of the extra `train` are installed; nothing that runs in the stream needs them."""

from importlib.util import find_spec

from liveprofile.models.errors import ModelError

PACKAGES = ("torch", "peft")


def require_training() -> None:
    """ModelError with the install command if a package is missing; imports none of them."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"training needs {' and '.join(missing)}, which this Python does not have",
            "Install the extra (some GB): pip install 'liveprofile[train]'",
        )
