"""Where a test finds the checkout, and the data that is not part of it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The top of the checkout."""
DATA = Path(os.environ.get("LIVEPROFILE_TEST_DATA", ROOT.parent / "shared" / "data"))
"""Public data sets, beside the checkout unless LIVEPROFILE_TEST_DATA says where. Tests that need them skip loudly."""
