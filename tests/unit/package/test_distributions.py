"""The wheel and the source archive hold one package, `liveprofile`, with every module and every file beside them."""

import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from support.paths import ROOT

FOLDERS = ("models", "profiles", "streams")


def build(source: Path, into: Path, target: str) -> Path:
    """The distribution that hatchling builds of a folder."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    return next(into.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in the wheel of this repository."""
    return set(ZipFile(build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")).namelist())


def test_the_wheel_has_one_top_level_package(wheel: set[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"liveprofile"}


def test_the_wheel_has_all_that_the_folders_have(wheel: set[str]) -> None:
    ours = {
        f"liveprofile/{path.relative_to(ROOT)}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours <= wheel, sorted(ours - wheel)
    assert {"liveprofile/__init__.py", "liveprofile/py.typed"} <= wheel


def test_a_wheel_of_the_source_archive_is_the_same(wheel: set[str], tmp_path: Path) -> None:
    """Hatchling follows the links of `liveprofile/`; an archive with or without them made an empty wheel."""
    with tarfile.open(build(ROOT, tmp_path / "archive", "sdist")) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    source = next((tmp_path / "source").iterdir())
    assert set(ZipFile(build(source, tmp_path / "wheel", "wheel")).namelist()) == wheel
