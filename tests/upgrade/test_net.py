"""The small net: golden logs give what they gave, part by part. `python -m tests.upgrade.net` folds the large ones."""

import gzip
from pathlib import Path

import numpy as np
import orjson
import pytest

from tests.upgrade import normal
from tests.upgrade.digests import differing, first_difference
from tests.upgrade.expected import arithmetic, read_expected
from tests.upgrade.golden import LOGS, digests_of
from tests.upgrade.record_file import read_records

GOLDEN = Path(__file__).with_name("golden")
PARTS = {
    *("anomalies", "changes", "cursors", "examples", "item-cursors", "item-neighbours"),
    *("model-events", "models", "names", "snapshots", "state.interest", "state.version"),
    *("activity", "activity.tail", "activity.vector"),
}
LEARNT = {"models", "model-events"}
"""Parts that learners compute, with the linear algebra of the processor. All others are exact on every machine."""


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("folder", sorted(GOLDEN.iterdir()), ids=lambda folder: folder.name)
async def test_a_golden_log_gives_the_facts_the_profiles_and_the_models_that_it_gave(folder: Path, name: str) -> None:
    kept = read_expected(folder, name)
    expected = kept["digests"]
    item_events = read_records(folder / "item-events.records.xz") if name == "activity" else []
    found = await digests_of(read_records(folder / f"{name}.records.xz"), item_events)
    assert expected.keys() >= PARTS
    elsewhere = kept["arithmetic"] != arithmetic()
    assert {part: found.get(part) for part in differing(expected, found) if not (elsewhere and part in LEARNT)} == {}
    if elsewhere:
        pytest.skip(f"SKIPPED ON OTHER PROCESSORS THAN {kept['arithmetic']}: the bits of models; all else was compared")


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("folder", sorted(GOLDEN.iterdir()), ids=lambda folder: folder.name)
def test_what_differs_from_an_earlier_version_is_named_with_its_reason(folder: Path, name: str) -> None:
    then = orjson.loads((folder / f"{name}.json").read_bytes())["digests"]
    changed = set(differing(then, read_expected(folder, name)["digests"]))
    assert changed <= normal.CHANGED.keys(), "say in normal.CHANGED why"


def test_what_later_versions_add_is_left_out_and_everything_else_counts() -> None:
    change = {"path": "brands", "after": ["b"], "reason": {"code": "X"}}
    record = {"profile_id": "a", "changes": [change], "models": {"rules": "r@1", "config": "1"}}
    later = {**record, "message": "m", "changes": [{**change, "message": "favours b"}]}
    later["models"] = {"rules": "r@1", "config": "2"}
    other = {**record, "changes": [{**change, "after": ["c"]}]}
    first, same, third = (normal.change(orjson.dumps(one)) for one in (record, later, other))
    assert first == same
    assert first != third


def test_a_field_that_is_renamed_and_moved_keeps_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    old = np.array([(1, 2)], [("mass", "<f4"), ("applied", "<i8")])
    new = np.array([(2, 9, 1)], [("applied", "<i8"), ("extra", "u1"), ("weight", "<f4")])
    monkeypatch.setattr(normal, "FIELDS", {"mass": "weight"})
    monkeypatch.setattr(normal, "NEW_FIELDS", {"extra"})
    assert normal.fields(new[0]).keys() == {"mass", "applied"}
    assert normal.fields(new[0])["mass"] == "AACAPw=="
    monkeypatch.setattr(normal, "FIELDS", {})
    monkeypatch.setattr(normal, "NEW_FIELDS", set())
    assert normal.fields(new[0]).keys() == {"applied", "extra", "weight"}
    assert normal.fields(old[0]).keys() == {"mass", "applied"}


def test_the_first_difference_of_two_dumps_is_shown(tmp_path: Path) -> None:
    before, after = tmp_path / "before.gz", tmp_path / "after.gz"
    before.write_bytes(gzip.compress(b'{"a":1}\n{"b":2}\n'))
    after.write_bytes(gzip.compress(b'{"a":1}\n{"b":3}\n'))
    assert first_difference(before, after) == 'line 2\n- {"b":2}\n+ {"b":3}'
    after.write_bytes(gzip.compress(b'{"a":1}\n'))
    assert first_difference(before, before) == ""
    assert first_difference(before, after) == 'line 2\n- {"b":2}\n+ '
