"""The fault harness: real brokers and workers, killed, paused, cut off, and an oracle that counts what broke."""

import sys
from pathlib import Path

# Helpers of tests are the package `support` for pytest (`pythonpath` in pyproject.toml), so they are here.
sys.path.append(str(Path(__file__).resolve().parents[1]))
