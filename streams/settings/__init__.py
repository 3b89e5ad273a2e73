"""Settings: read once from one file and the environment into a frozen value."""

from liveprofile.streams.settings.model import Settings
from liveprofile.streams.settings.secret import Secret

__all__ = ["Secret", "Settings"]
