"""The net in plain Python: parts of a golden log give what they gave with nothing broken.

`tests/upgrade/test_net.py` compares machine code with the digests that are kept, and `make test` runs it. Plain Python
differs from machine code in last bits: what is expected here is written down while the reach of tests is measured, when
nothing is broken.
"""

import hashlib
import json
import os
from pathlib import Path

import msgspec
import pytest

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, control_record
from tests.upgrade.digests import DIMS
from tests.upgrade.record_file import read_records
from tests.upgrade.test_net import GOLDEN

RECORDS = 60
LATER_MS = 9 * 86_400_000
FOLDER = os.environ.get("MUTANTS_NET", "")


def folded(begin: int) -> str:
    """The digest of what a part of the log, and nine days without anything, make of new profiles."""
    log = read_records(next(GOLDEN.iterdir()) / "activity.records.xz")[begin : begin + RECORDS]
    fold = Fold(Policy(dims=DIMS))
    result = fold.apply([key for key, _ in log], [value or b"" for _, value in log], range(len(log)))
    newest = int(fold.table.rows["seen_ms"].max())
    later = fold.apply([b""], [control_record(Kind.TICK, newest + LATER_MS, DIMS)], [len(log)])
    digest = hashlib.sha256(fold.table.rows.tobytes())
    for one in (result, later):
        facts = [fact.record for fact in (*one.changes, *one.anomalies)]
        digest.update(msgspec.json.encode(facts))
        digest.update(b"".join(value for _, value in one.examples))
    return digest.hexdigest()


@pytest.mark.skipif(not FOLDER, reason="only mutants need it; tests/upgrade/test_net.py is the net")
@pytest.mark.parametrize("begin", range(0, 2_000, 250))
def test_a_part_of_the_golden_log_gives_what_it_gave(begin: int) -> None:
    file = Path(FOLDER) / f"net-{begin}.json"
    found = folded(begin)
    if "REACH_FILE" in os.environ:
        file.write_text(json.dumps(found))
    assert json.loads(file.read_text()) == found
