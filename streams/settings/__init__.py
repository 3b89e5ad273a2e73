"""Settings: read once from one file and the environment into a frozen value."""

from liveprofile.streams.settings.model import Secret, Settings

__all__ = ["Secret", "Settings"]
