"""The fault report is about the code that stands: none of its runs is older than a stated number of commits."""

import re
import subprocess

import pytest

from tests.faults.report import PAGE, ROOT

ROOMS = ("profiles", "streams/runtime", "streams/transport", "streams/stages")
"""Where a change can lose, double or alter something."""
MOST_COMMITS = 60
"""Commits in these rooms after which a run says too little: `make faults` runs it again."""


def runs() -> dict[str, str]:
    """The commit of each run of the matrix, by fault."""
    matrix = PAGE.read_text().partition("## The matrix")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in matrix.splitlines() if line[:3] == "| F"]
    return {row[0]: row[-1].removesuffix("-dirty") for row in rows if "not run: " not in row[-2]}


def git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)


def test_most_faults_were_run() -> None:
    assert len(runs()) >= 25
    assert all(re.fullmatch("[0-9a-f]{7,40}", commit) for commit in runs().values()), runs()


@pytest.mark.parametrize("fault", runs())
def test_a_run_is_about_the_code_that_stands(fault: str) -> None:
    commit = runs()[fault]
    if git("cat-file", "-e", f"{commit}^{{commit}}").returncode:
        pytest.skip(f"SKIPPED FOR WANT OF HISTORY: git does not have {commit}")
    since = int(git("rev-list", "--count", f"{commit}..HEAD", "--", *ROOMS).stdout)
    assert since <= MOST_COMMITS, f"{fault} was run {since} commits ago: make faults RUNS={fault.partition(' ')[0]}"
