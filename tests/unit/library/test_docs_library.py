"""The blocks of docs/library.md run, in their order."""

import os
import subprocess
import sys

from support.markdown import program_of, python_blocks
from support.paths import ROOT

PAGE = ROOT / "docs" / "library.md"


def test_what_needs_no_kafka_runs() -> None:
    blocks = [block for block in python_blocks(PAGE) if not block.needs_kafka]
    assert len(blocks) >= 5
    done = subprocess.run(
        [sys.executable, "-c", program_of(blocks)],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "version 2: interests.session is ['home/kitchen'], because INTEREST_ENTERED" in done.stdout
    assert "ProfileChanged: Expected `str`, got `int`" in done.stdout
