"""The wheel, in an environment of its own: one top-level package, and the page about the library runs there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.markdown import program_of, python_blocks
from support.paths import ROOT

BUILT = ("LICENSE", "NOTICE", "README.md", "liveprofile", "models", "profiles", "pyproject.toml", "streams")
"""What the build reads."""


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """Standard output of a command that must not fail. Without PYTHONPATH: nothing of the checkout is to be found."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=220
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources."""
    if subprocess.run([sys.executable, "-m", "hatchling", "--help"], capture_output=True).returncode:
        pytest.skip("SKIPPED FOR WANT OF hatchling: the wheel was neither built nor installed")
    sources, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in BUILT:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, sources / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, sources / name)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=sources)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has the wheel; what it depends on comes from this one's."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        pytest.skip("SKIPPED FOR WANT OF pip: the wheel was built, but not installed")
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    found = folder / "bin" / "python"
    depends = [path for path in sys.path if path.endswith("-packages")]
    (site_packages(found) / "base.pth").write_text("\n".join(depends) + "\n")
    run(sys.executable, "-m", "pip", "--python", found, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    return found


def site_packages(python: Path) -> Path:
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(run(python, "-c", program, cwd=python.parent).strip())


def test_only_liveprofile_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top.partition("-")[0] for top in tops} == {"liveprofile"}
    assert {"liveprofile/py.typed", "liveprofile/errors.py", "liveprofile/__init__.py"} <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert [name for name in names if name.endswith((".pyc", ".nbi", ".nbc"))] == []


def test_only_liveprofile_appears_in_site_packages(python: Path) -> None:
    names = {path.name for path in site_packages(python).iterdir()} - {"base.pth", "__pycache__"}
    assert {name.partition("-")[0] for name in names} == {"liveprofile"}
    for name in ("models", "profiles", "streams"):
        program = f"import importlib.util as u; print(u.find_spec({name!r}))"
        assert run(python, "-c", program, cwd=python.parent) == "None\n"


def test_the_page_about_the_library_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    blocks = [block for block in python_blocks(ROOT / "docs" / "library.md") if not block.needs_kafka]
    told = run(python, "-c", program_of(blocks) + "\nimport liveprofile; print(liveprofile.__file__)", cwd=tmp_path)
    assert "because INTEREST_ENTERED" in told
    assert Path(told.splitlines()[-1]).is_relative_to(site_packages(python))


def test_examples_and_the_command_line_start_from_the_wheel(python: Path, tmp_path: Path) -> None:
    for path in sorted((ROOT / "examples").glob("*.py")):
        assert "--bootstrap" in run(python, path, "--help", cwd=tmp_path)
    assert "liveprofile demo" in run(python.parent / "liveprofile", "--help", cwd=tmp_path)
    assert "after 12 events" in run(python, ROOT / "examples" / "embedded_fold.py", cwd=tmp_path)
