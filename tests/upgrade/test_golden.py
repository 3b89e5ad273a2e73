"""Files that earlier versions wrote are read by this one, and folding goes on from them as if it had never stopped."""

import io
import lzma
import shutil
import tarfile
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.snapshot_records import from_records
from liveprofile.models.text_cache import TextCache
from liveprofile.profiles.records.activity import Action, Kind, decode_heads, decode_tail
from liveprofile.profiles.records.training_example import decode as decode_example
from liveprofile.streams.settings.sections import Learn
from liveprofile.streams.stages.learn.learners import make_learners
from tests.upgrade import normal
from tests.upgrade.digests import DIMS
from tests.upgrade.expected import go_on, read_expected
from tests.upgrade.golden import NOW_S
from tests.upgrade.program import GoldenFold
from tests.upgrade.record_file import Record, read_records

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(params=sorted(GOLDEN.iterdir()), ids=lambda folder: folder.name)
def golden(request: pytest.FixtureRequest) -> Path:
    """The folder of one version."""
    folder: Path = request.param
    return folder


def records(folder: Path, name: str) -> list[Record]:
    """Golden records of a kind."""
    return read_records(folder / f"{name}.records.xz")


def known(folder: Path) -> dict[str, Any]:
    """What is known of the first log: where its checkpoint stands, and its digests."""
    found: dict[str, Any] = orjson.loads((folder / "activity.json").read_bytes())
    return found


def expected(folder: Path) -> dict[str, Any]:
    """What was published at the checkpoint and at the end, and the facts in between."""
    found: dict[str, Any] = orjson.loads(lzma.decompress((folder / "profiles.json.xz").read_bytes()))
    return found


def shown(payloads: list[bytes]) -> dict[str, Any]:
    """Published profiles by id, without what may change."""
    found = [normal.snapshot(one) for one in payloads]
    return {one["profile_id"]: one for one in found}


def test_activity_of_every_kind_is_read(golden: Path) -> None:
    values = [value or b"" for name in ("activity", "activity-2") for _, value in records(golden, name)]
    heads = decode_heads(values, DIMS)
    events = heads["action"][heads["kind"] == Kind.EVENT]
    adopted = Counter(
        decode_tail(values[at], DIMS).adopted["what"] for at in (heads["kind"] == Kind.ADOPT).nonzero()[0]
    )
    assert {*heads["kind"].tolist()} == {Kind.EVENT, Kind.TICK, Kind.ADOPT, Kind.ERASE}
    assert {*events.tolist()} == {*map(int, Action)}
    assert adopted.keys() == {"clusterer", "predictor", "alarms", "sentiment", "priors", "rules"}


async def test_state_is_loaded_and_folded_on_to_the_very_profiles_and_facts(golden: Path, tmp_path: Path) -> None:
    loaded, wanted = GoldenFold(tmp_path / "loaded"), expected(golden)
    loaded.partition.fold.restore(records(golden, "state"))
    assert shown(loaded.end().snapshots) == shown(list(map(orjson.dumps, wanted["at_the_checkpoint"])))
    fold, now = GoldenFold(tmp_path / "fold"), read_expected(golden, "profiles")
    facts = {fact_id: _fact(payload) for fact_id, payload in await go_on(golden, fold)}
    assert shown(fold.end().snapshots) == shown(list(map(orjson.dumps, now["at_the_end"])))
    assert facts == {fact_id: _fact(orjson.dumps(content)) for fact_id, content in now["facts_after"]}
    assert len(facts) > 100


def test_profiles_differ_from_what_an_earlier_version_made_of_the_log_only_where_it_is_said_why(golden: Path) -> None:
    then, now = (
        shown(list(map(orjson.dumps, one["at_the_end"])))
        for one in (expected(golden), read_expected(golden, "profiles"))
    )
    assert then.keys() == now.keys()
    assert {member for key in then for member in _differing(then[key], now[key])} <= normal.SNAPSHOT_CHANGED


def _differing(then: dict[str, Any], now: dict[str, Any]) -> set[str]:
    """The members in which two snapshots differ, those of `traits` each for itself."""
    parts = [{f"traits.{name}": value for name, value in one["traits"].items()} | one for one in (then, now)]
    names = (parts[0].keys() | parts[1].keys()) - {"traits"}
    return {name for name in names if parts[0].get(name) != parts[1].get(name)}


def _fact(payload: bytes) -> dict[str, Any]:
    return normal.change(payload) if b'"changes":' in payload else normal.anomaly(payload)


async def test_a_fold_from_the_beginning_gives_the_profiles_that_were_loaded(golden: Path, tmp_path: Path) -> None:
    """In all fields whose rules are as they were."""
    whole, loaded = GoldenFold(tmp_path / "whole"), GoldenFold(tmp_path / "loaded")
    await whole.take(records(golden, "activity"), 0, known(golden)["checkpoint"])
    loaded.partition.fold.restore(records(golden, "state"))
    one, other = whole.end(), loaded.end()
    columns = [dict(normal.columns(end.rows)) for end in (one, other)]
    alike = [name for name in columns[0] if f"state.{name}" not in normal.CHANGED]
    assert len(alike) > 60
    assert [name for name in alike if columns[0][name].tobytes() != columns[1][name].tobytes()] == []
    assert list(map(normal.cursor, one.cursors)) == list(map(normal.cursor, other.cursors))
    assert one.names == other.names


def test_examples_of_every_kind_are_read(golden: Path) -> None:
    found = [decode_example(key, value) for key, value in records(golden, "examples")]
    assert None not in found
    assert {one.kind for one in found if one} == {*map(int, ExampleKind)}
    assert all(one.text for one in found if one and one.kind == ExampleKind.ENTRY)


def test_every_learner_goes_on_from_the_model_record(golden: Path) -> None:
    found = {key: value for key, value in records(golden, "models") if value is not None}
    model = from_records(found, list(found)[-1])
    learners = make_learners(Learn(), DIMS)(0)
    assert model.learners.keys() == {scheduled.learner.what for scheduled in learners}
    assert all(one.adopted for one in model.learners.values())
    for scheduled in learners:
        training = model.learners[scheduled.learner.what].training
        scheduled.learner.restore(training)
        assert normal.line_of(scheduled.learner.snapshot()) == normal.line_of(training)


def test_items_go_on_from_their_records(golden: Path, tmp_path: Path) -> None:
    items = GoldenFold(tmp_path).items
    neighbours = records(golden, "item-neighbours")
    items.restore_items([value or b"" for _, value in records(golden, "items")])
    items.restore_neighbours([value or b"" for _, value in neighbours])
    items.restore_cursor(records(golden, "item-cursors")[-1][1] or b"")
    events = records(golden, "item-events")
    assert items.applied_through == known(golden)["item_events_before"] - 1
    outcome = items.apply([value for _, value in events], range(len(events)))
    assert outcome.pairs > 0
    assert outcome.item_updates > 0
    assert not outcome.unreadable
    assert len(items) > len(neighbours) > 0


def test_the_local_state_is_used_again(golden: Path, tmp_path: Path) -> None:
    local_state = pytest.importorskip(
        "liveprofile.streams.stages.profile.local_state", reason="the extra `rocksdb` is not installed"
    )
    with tarfile.open(fileobj=io.BytesIO((golden / "local-state.tar.gz").read_bytes())) as tar:
        tar.extractall(tmp_path, filter="data")
    states = local_state.LocalStates(tmp_path, "liveprofile.state", lambda: NOW_S + 60)
    states.topic_id = "golden"
    local = states.open(0)
    found = dict(item for batch in local.read_all() for item in batch)
    local.close()
    assert local.found
    assert found == dict(records(golden, "state"))
    assert local.through == len(found) - 1


def test_the_text_cache_knows_its_texts(golden: Path, tmp_path: Path) -> None:
    shutil.copyfile(golden / "texts.sqlite", tmp_path / "texts.sqlite")
    wanted = orjson.loads((golden / "texts.json").read_bytes())
    with TextCache(tmp_path / "texts.sqlite", wanted["model_id"], key=b"a key of the tests") as cache:
        found = cache.get_many(list(wanted["texts"]))
    assert found == {text: b64decode(value) for text, value in wanted["texts"].items()}
    assert not list(tmp_path.glob("*.damaged"))
