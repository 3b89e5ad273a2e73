"""Whether a file has changed since it was read."""

from pathlib import Path

FileVersion = tuple[int, int, int]
"""Time of change in nanoseconds, size, inode."""


def version_of(path: Path) -> FileVersion:
    """What changes when the file does; zeros without one."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
