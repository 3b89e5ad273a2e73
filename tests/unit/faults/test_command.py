"""The harness starts by its own command, without what pytest adds to the path of modules."""

import os
import subprocess
import sys

from tests.faults.report import ROOT


def test_the_command_of_the_harness_starts_by_itself() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "tests.faults", "--help"]
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "F32" in found.stdout
