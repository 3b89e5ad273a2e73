"""A small disk that can be full: a file system in memory, mounted for one run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SmallDisk:
    """A folder whose file system ends after some megabytes."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(1 << 20))
            except OSError:
                pass
            try:
                while True:
                    ballast.write(bytes(512))
            except OSError:
                return

    def make_room(self) -> None:
        """Take away what `fill` wrote."""
        (self.folder / "ballast").unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A small disk at `folder`, gone afterwards. AssertionError says what to do where it may not be mounted."""
    folder.mkdir(parents=True)
    told = _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder))
    assert told == "", f"a small disk needs root ({told}): run this in `unshare --user --map-root-user --mount`"
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> str:
    """What the command complains about; empty if it worked."""
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""
