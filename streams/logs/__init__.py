"""Logs of a process: how they look, and how much libraries may say."""

from liveprofile.streams.logs.configure import configure, escape

__all__ = ["configure", "escape"]
