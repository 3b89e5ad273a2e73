"""Faults in their short form, as CI runs them: each is survived with no invariant violated."""

import json
from pathlib import Path

import pytest

from liveprofile.streams.broker import Broker
from tests.faults.__main__ import run_fault
from tests.faults.catalogue import FAULTS

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(400)]


@pytest.mark.parametrize("name", [fault.id for fault in FAULTS.values() if fault.short])
def test_a_fault_is_survived_with_no_invariant_violated(name: str, tmp_path: Path, broker: Broker) -> None:
    result = run_fault(FAULTS[name], short=True, keep=tmp_path, broker=broker)
    assert result["ok"], json.dumps(result, indent=1)
