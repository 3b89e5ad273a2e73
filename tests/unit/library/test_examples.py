"""The examples that need no Kafka run, and all of them use the public surface alone."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

import liveprofile

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(name: str, *words: str) -> str:
    command = [sys.executable, str(ROOT / "examples" / name), *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=200, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_public_names_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liveprofile"):
            assert node.module == "liveprofile"
            assert {alias.name for alias in node.names} <= set(liveprofile.__all__)


def test_the_fold_runs_inside_another_program() -> None:
    told = run("embedded_fold.py")
    assert "interests.session: ['home/kitchen']" in told
    assert "after 12 events: fashion/shoes" in told


def test_a_profile_is_plotted_without_kafka(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "profile.png"
    assert run("plot_profile.py", "--out", str(picture)) == f"{picture}: 60 points\n"
    assert picture.read_bytes().startswith(b"\x89PNG")
