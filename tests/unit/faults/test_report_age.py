"""docs/reliability.md is about the code that is here: its runs are not older than a number of commits in its rooms."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.faults.report import PAGE, ROOT

ROOMS = ("profiles", "streams/runtime", "streams/transport", "streams/stages")
"""What survives faults: the fold, the protocol, and the stages that use both."""
MOST_COMMITS = 60
FEWEST_FAULTS = 25
"""Faults with a run; the others say why there is none."""


def rows(page: Path = PAGE) -> list[list[str]]:
    """The cells of each fault's row in the matrix."""
    matrix = page.read_text(encoding="utf-8").partition("## The matrix")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| F.*$", matrix, re.M)]


def commits_since(commit: str) -> int:
    """Number of commits to ROOMS after `commit`. Skips the test where git does not know the commit."""
    command = ["git", "-C", str(ROOT), "rev-list", "--count", f"{commit}..HEAD", "--", *ROOMS]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"the age of the fault report is not checked: git does not know {commit} (no history, or shallow)")
    return int(found.stdout)


def test_every_run_of_the_report_is_of_code_that_is_nearly_this() -> None:
    old = {row[0]: row[-1] for row in rows() if re.fullmatch(r"[0-9a-f]{7,}(-dirty)?", row[-1])}
    assert old
    for fault, commit in old.items():
        age = commits_since(commit.removesuffix("-dirty"))
        assert age <= MOST_COMMITS, f"{fault} was run {age} commits ago in {', '.join(ROOMS)}: make faults RUNS={fault}"


def test_the_report_has_a_row_for_every_fault_and_a_run_of_nearly_all() -> None:
    numbers = {row[0].partition(" ")[0] for row in rows()}
    run = {row[0].partition(" ")[0] for row in rows() if "not run" not in row[-2]}
    assert numbers >= {f"F{number}" for number in range(1, 31)}
    assert len(run) >= FEWEST_FAULTS, f"only {len(run)} faults were run: make faults"
