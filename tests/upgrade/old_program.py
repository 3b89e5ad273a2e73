"""The program of an earlier commit, as a folder that processes of its own can be started from."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.paths import ROOT

COMMIT = "ae9fa68"
FOLDERS = ("models", "profiles", "streams")
CACHE = Path("~/.cache/liveprofile")


def old_program() -> Path:
    """The sources of `COMMIT`. Skips the test, saying why, where git does not have them.

    They stay in the user's cache, and with them what they have compiled, which takes minutes.
    """
    folder = CACHE.expanduser() / f"source-{COMMIT}"
    if not folder.is_dir():
        _extract(folder)
    return folder


def _extract(folder: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git here: the worker of an earlier commit cannot be checked out")
    wanted = ("git", "archive", "--format=tar", COMMIT, *FOLDERS)
    found = subprocess.run(wanted, cwd=ROOT, capture_output=True, check=False)
    if found.returncode:
        pytest.skip(f"git does not have commit {COMMIT}, whose worker is wanted: {found.stderr.decode().strip()}")
    part = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as tar:
        tar.extractall(part, filter="data")
    try:
        part.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(part)


def old_environment(folder: Path) -> dict[str, str]:
    """With it, `python -m streams.cli` is the command line of the earlier commit, wherever it is started."""
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


def compile_old(folder: Path) -> None:
    """Have the earlier commit compile its fold, so that a worker of it is ready in seconds."""
    code = "from profiles.compile import compile_fold; from profiles.policy import Policy; compile_fold(Policy())"
    code += "; from profiles.items.fold import compile_items; compile_items()"
    run_old(folder, code)


def run_old(folder: Path, code: str, extra: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python code with the modules of the earlier commit. CalledProcessError where it fails."""
    return subprocess.run(
        (sys.executable, "-c", code),
        env=os.environ | old_environment(folder) | dict(extra or {}),
        capture_output=True,
        text=True,
        check=True,
    )
