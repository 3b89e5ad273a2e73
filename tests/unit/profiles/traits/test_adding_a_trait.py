"""What docs/add-a-trait.md says is done to a copy of the checkout: it works from the row to the reference page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

PAGE = ROOT / "docs" / "add-a-trait.md"
TRAIT, REGISTRY, TEST = (
    "profiles/traits/quantity.py",
    "profiles/traits/registry.py",
    "tests/unit/profiles/traits/test_quantity.py",
)
COMPILED = "profiles/kernel/trait_calls.py"
MOST_FILES = 4
DERIVED = """
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.state.row import PATHS, row_dtype
from liveprofile.streams.contract.schemas import schema_files
from liveprofile.streams.reference.page import as_markdown
from liveprofile.streams.settings.page import as_markdown as settings
assert PATHS[-1] == "quantity"
fields = [name for name in row_dtype(128).names if name != "spare"]
assert fields[-3:] == ["quantity", "quantity_mass", "published_quantity"]
assert Policy().rules.quantity_bounds == (1.5, 5.0)
assert "quantity.interval_s" in settings()
assert [code for code in Code][-2:] == ["QUANTITY_ROSE", "QUANTITY_FELL"]
reference = as_markdown()
for text in ("| `quantity` | Several pieces", "`QUANTITY_ROSE` | More pieces", "| `quantity.mean` | pieces |"):
    assert text in reference, text
assert '"Quantity"' in schema_files()["profiles.json"]
assert "QUANTITY_FELL" in schema_files()["profile-changes.json"]
"""


def block(path: str) -> str:
    """The text of the page's block for a file."""
    found = re.search(rf'^```\w+ title="{re.escape(path)}"\n(.*?)^```$', PAGE.read_text("utf-8"), re.M | re.S)
    assert found, f"{PAGE.name} has no block for {path}"
    return found[1]


def run(folder: Path, *command: str) -> str:
    """What a command prints in a folder; it must succeed."""
    environment = os.environ | {"NUMBA_OPT": "1", "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which every step of the page has been done."""
    folder = tmp_path_factory.mktemp("checkout")
    left = shutil.ignore_patterns("__pycache__", "golden")
    for name in ("liveprofile", "profiles", "models", "streams", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=left)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in (TRAIT, TEST):
        (folder / path).write_text(block(path), "utf-8")
    patch = folder / "registry.diff"
    patch.write_text(block(REGISTRY), "utf-8")
    run(folder, "git", "apply", str(patch))
    run(folder, sys.executable, "-m", "liveprofile.profiles.traits.generate")
    return folder


def sources(folder: Path) -> dict[str, bytes]:
    """The files that people and commands write."""
    names = ("profiles", "models", "streams", "tests", "docs")
    files = (file for name in names for file in (folder / name).rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files if file.suffix not in (".pyc", ".xz")}


def test_a_trait_is_added_in_four_files(checkout: Path) -> None:
    before, after = sources(ROOT), sources(checkout)
    changed = {path for path in after if before.get(path) != after[path]}
    assert changed == {TRAIT, REGISTRY, COMPILED, TEST} and len(changed) <= MOST_FILES


def test_row_policy_contract_and_pages_have_it(checkout: Path) -> None:
    run(checkout, sys.executable, "-c", DERIVED)


@pytest.mark.timeout(900)  # the sources differ, so their fold is compiled
def test_it_is_folded_published_shown_and_ruled_by(checkout: Path) -> None:
    assert "1 passed" in run(checkout, sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:timeout", TEST)
