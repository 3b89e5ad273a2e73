"""Programs that tests of deployment files need: those that `make tools` fetches, or others on the path."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path("~/.cache/liveprofile/tools").expanduser()


def tool(name: str) -> str:
    """The program's path; the test is skipped, and says how to get it, where it is missing."""
    found = shutil.which(name, path=str(FOLDER)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing: `make tools` fetches it")
    return found


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code."""
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=200)
