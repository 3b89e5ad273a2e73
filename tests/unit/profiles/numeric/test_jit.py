"""Compiled code is that of the sources as they are now, in whichever file an edit was made."""

import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import numpy as np
from support.activities import activity, tick

from liveprofile import profiles
from liveprofile.profiles.fold.apply import apply_activities
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.precompile import compile_fold, remove_stale
from liveprofile.profiles.fold.timers import pass_time
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.jit import cache_folder
from liveprofile.profiles.numeric.sources import sources_digest
from liveprofile.profiles.records.activity import Kind, control_record

PROGRAM = """
from liveprofile import profiles
from liveprofile.profiles.anomalies.velocity import velocity_score
from liveprofile.profiles.kernel.policy import Policy
score = velocity_score(1.0, 0.0, Policy().rules)
print(profiles.__file__, score, sum(velocity_score.dispatcher.stats.cache_hits.values()))
"""


def run_in(folder: Path, cache: Path) -> tuple[str, float, int]:
    """What the program finds with the packages of a folder: their path, a score, whether that was compiled before."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        check=True,
        text=True,
    )
    path, score, hits = done.stdout.split()
    return path, float(score), int(hits)


def copy_of_sources(folder: Path) -> Path:
    """A second checkout of the packages that are compiled."""
    root = Path(profiles.__file__).resolve().parents[1]
    for package in ("liveprofile", "profiles", "models"):
        shutil.copytree(
            root / package,
            folder / package,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
            copy_function=shutil.copyfile,  # as a clone, with times of its own
        )
    return folder


def test_an_edit_in_another_file_is_compiled_into_its_callers(tmp_path):
    """Numba's own cache goes by the caller's file alone: the old arithmetic would have stayed in force."""
    copy, cache = copy_of_sources(tmp_path / "copy"), tmp_path / "cache"
    path, *before = run_in(copy, cache)
    assert path.startswith(str(copy)) and before == [1.0, 0]
    assert run_in(copy, cache)[1:] == (1.0, 1)
    exact = (copy / "profiles" / "numeric" / "exact.py").read_text(encoding="utf-8")
    (copy / "profiles" / "numeric" / "exact.py").write_text(
        exact.replace("    return exponent + series", "    return 7.0 + exponent + series"), encoding="utf-8"
    )
    assert run_in(copy, cache)[1:] == (8.0, 0)
    assert len(list(cache.glob("compiled-*"))) == 2


def test_a_second_checkout_of_the_same_sources_compiles_nothing_again(tmp_path):
    """Numba's own folders are named after the absolute path of a file: a fresh clone compiled for 90 seconds."""
    cache = tmp_path / "cache"
    first, second = copy_of_sources(tmp_path / "first"), copy_of_sources(tmp_path / "second")
    assert run_in(first, cache)[1:] == (1.0, 0)
    assert run_in(second, cache)[1:] == (1.0, 1)


def test_code_is_kept_beside_the_sources_where_the_home_folder_takes_no_files(tmp_path, monkeypatch):
    (tmp_path / "a file").touch()
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "a file" / "cache"))
    assert cache_folder(tmp_path).parent == tmp_path / "profiles" / "__pycache__"


def test_of_other_states_of_the_sources_those_used_last_are_kept(tmp_path):
    for age, name in enumerate(("compiled-a", "compiled-b", "compiled-c", "compiled-d")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "function.nbc").touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "kafka").mkdir()
    (tmp_path / "compiled-empty").mkdir()  # of sources that were imported and compiled nothing: the newest
    remove_stale(tmp_path / "compiled-d", kept=3)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["compiled-a", "compiled-b", "compiled-d", "kafka"]


COMPILES = "from liveprofile.profiles.numeric.jit import compiled\n"


def write(root: Path, module: str, source: str) -> str:
    """Write a module, and say which digest the sources have then."""
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return sources_digest(root, "1")


def test_the_digest_follows_what_compiled_code_imports_however_far_away(tmp_path):
    write(tmp_path, "models.learners.scorecard", "KNOTS = 13")
    write(tmp_path, "profiles.state.row", "from liveprofile.models.learners.scorecard import KNOTS\n")
    one = write(
        tmp_path,
        "profiles.fold.spend",
        f"{COMPILES}from liveprofile.profiles.state import (\n    row,\n)\n",
    )
    assert write(tmp_path, "models.learners.scorecard", "KNOTS = 14") != one
    assert write(tmp_path, "models.learners.scorecard", "KNOTS = 13") == one
    assert sources_digest(tmp_path, "2") != one


def test_what_compiled_code_cannot_see_leaves_it_in_force(tmp_path):
    """Every edit of a sentence in `profiles` compiled the whole fold again, for a minute and a half."""
    one = write(tmp_path, "profiles.fold.spend", COMPILES)
    assert write(tmp_path, "profiles.output.snapshot", "from liveprofile.profiles.traits import spend\n") == one


def test_an_installed_package_has_the_digest_of_the_checkout(tmp_path):
    """Beside the two folders a wheel has modules that a checkout keeps elsewhere: it compiled everything again."""
    one = write(tmp_path, "profiles.traits.spend", f"{COMPILES}from liveprofile.errors import LiveprofileError\n")
    assert write(tmp_path, "errors", "class LiveprofileError(Exception): ...") == one


def test_the_digest_follows_names(tmp_path):
    one = write(tmp_path, "profiles.fold.spend", COMPILES)
    (tmp_path / "profiles" / "fold" / "spend.py").rename(tmp_path / "profiles" / "fold" / "rest.py")
    assert sources_digest(tmp_path, "1") != one


def test_nothing_is_compiled_again_when_a_model_is_adopted_or_activities_are_repeated():
    """A read-only array is another type to Numba: the first adoption once stopped a worker for five seconds."""
    compile_fold(Policy())
    before = len(apply_activities.dispatcher.signatures), len(pass_time.dispatcher.signatures)
    assert min(before) >= 1
    centres = b64encode(np.ones((2, 16), "<i2").tobytes()).decode()
    adopted = {"name": "kmeans", "version": 1, "k": 16, "ids": [0, 1], "centres": centres}
    adopt = control_record(Kind.ADOPT, 1, Policy().dims, adopted)
    clicks = [activity(offset=1), activity(offset=1), activity(offset=2)]
    Fold(Policy()).apply([b"\x00adopt", b"u", b"u", b"u", b"\x00tick"], [adopt, *clicks, tick(9)], range(5))
    assert (len(apply_activities.dispatcher.signatures), len(pass_time.dispatcher.signatures)) == before


def test_timers_are_compiled_ahead():
    """They were not: the first one that fell due stopped a new worker for as long as their compilation took."""
    asked = (
        "from liveprofile.profiles.fold.precompile import compile_fold\n"
        "from liveprofile.profiles.fold.timers import pass_time\n"
        "from liveprofile.profiles.kernel.policy import Policy\n"
        "compile_fold(Policy())\n"
        "print(len(pass_time.dispatcher.signatures))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1"
