"""The local state on disk: when it is used again, when it is wiped, and who may use it."""

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rocksdict", reason="the extra `rocksdb` is not installed")

from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.codec import ROWS as LAYOUTS
from liveprofile.profiles.state.cold_store import DamagedStoreError
from liveprofile.streams.stages.profile.local_state import MARK_LIFE_S, LocalState, LocalStates

ROWS = {b"%032x" % at: os.urandom(1_500) for at in range(3_000)}
MARK = "0.0/clean.json"


class Clock:
    """Seconds, as a test sets them."""

    now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def states(tmp_path: Path, clock: Clock) -> LocalStates:
    return LocalStates(tmp_path, "app.state", clock)


def fill(state: LocalState, through: int = 99) -> None:
    """Put all rows, which the state topic holds up to `through`."""
    state.put_many(list(ROWS.items()))
    state.through = through


def filled(states: LocalStates) -> Path:
    """A database of partition 0 that was closed in order; its folder."""
    state = states.open(0)
    fill(state)
    state.close()
    return state.folder


def contents(state: LocalState) -> dict[bytes, bytes]:
    """All that is in it."""
    return {key: value for batch in state.read_all() for key, value in batch}


def test_after_an_orderly_close_it_is_used_again(states: LocalStates) -> None:
    filled(states)
    again = states.open(0)
    assert (again.found, again.through) == (True, 99)
    assert contents(again) == ROWS
    assert again.get_many([b"nobody", *ROWS]) == [None, *ROWS.values()]
    again.close()


def test_a_value_of_none_removes(states: LocalStates) -> None:
    state = states.open(0)
    state.put_many([(b"a", b"1"), (b"b", b"2"), (b"a", None)])
    assert state.get_many([b"a", b"b"]) == [None, b"2"]
    state.close()


def _fill_and_die(home: Path) -> None:
    """What kill -9 leaves: nothing is closed."""
    states = LocalStates(home, "app.state")
    fill(states.open(0))
    os._exit(9)


def test_after_a_kill_it_is_wiped(states: LocalStates, tmp_path: Path) -> None:
    killed = multiprocessing.get_context("spawn").Process(target=_fill_and_die, args=(tmp_path,))
    killed.start()
    killed.join()
    assert killed.exitcode == 9
    again = states.open(0)
    assert (again.found, again.through, contents(again)) == (False, -1, {})
    again.close()


def test_a_mark_is_gone_as_soon_as_the_database_is_in_use(states: LocalStates, tmp_path: Path) -> None:
    filled(states)
    assert (tmp_path / MARK).exists()
    again = states.open(0)
    assert not (tmp_path / MARK).exists()
    again.close()


def test_what_was_read_before_a_load_was_given_up_need_not_be_read_again(states: LocalStates) -> None:
    state = states.open(0)
    fill(state, through=41)
    state.close()
    again = states.open(0)
    assert again.through == 41
    again.close()


def change_mark(**fields: Any) -> Callable[[Path], None]:
    """Writes another mark."""

    def change(home: Path) -> None:
        mark = json.loads((home / MARK).read_bytes()) | fields
        (home / MARK).write_bytes(json.dumps(mark).encode())

    return change


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(change_mark(layout=0), id="an older folder"),
        pytest.param(change_mark(topic="other.state"), id="another topic"),
        pytest.param(change_mark(topic_id="a-topic-of-the-same-name"), id="a topic that was made again"),
        pytest.param(change_mark(through="many"), id="a mark of the wrong types"),
        pytest.param(lambda home: (home / MARK).write_bytes(b"\xff\x00"), id="a mark of rubbish"),
        pytest.param(lambda home: (home / MARK).write_bytes(b""), id="an empty mark"),
        pytest.param(lambda home: (home / MARK).unlink(), id="no mark"),
        pytest.param(lambda home: (home / "0.0/db/CURRENT").write_bytes(b"rubbish"), id="a file of rubbish"),
        pytest.param(lambda home: (home / "0.0/db/CURRENT").unlink(), id="a small file missing"),
        pytest.param(lambda home: tables(home)[0].unlink(), id="a table missing"),
        pytest.param(lambda home: tables(home)[0].write_bytes(b""), id="a table emptied"),
        pytest.param(lambda home: os.truncate(tables(home)[0], 100_000), id="a table truncated"),
        pytest.param(lambda home: shutil.rmtree(home / "0.0/db"), id="the database missing"),
    ],
)
def test_what_is_not_as_it_was_left_is_wiped(
    states: LocalStates, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    filled(states)
    damage(tmp_path)
    again = states.open(0)
    assert contents(again) == {}
    assert again.through == -1
    fill(again)
    again.close()
    assert states.open(0).through == 99


@pytest.mark.parametrize("fields", [{"layout": 2}, {"row_layout": "0badc0de"}])
def test_what_a_newer_program_left_is_neither_read_nor_wiped(
    states: LocalStates, tmp_path: Path, fields: dict[str, Any]
) -> None:
    filled(states)
    change_mark(**fields)(tmp_path)
    states.tidy()
    with pytest.raises(UnknownLayoutError, match=r"written by a newer program: layout number.*delete the folder"):
        states.open(0)
    change_mark(layout=1, row_layout=LAYOUTS.fingerprint)(tmp_path)
    again = states.open(0)
    assert (again.through, contents(again)) == (99, ROWS)
    again.close()


def test_a_mark_of_a_known_older_layout_is_good_and_each_record_has_its_own(
    states: LocalStates, tmp_path: Path
) -> None:
    filled(states)
    mark = json.loads((tmp_path / MARK).read_bytes())
    assert mark.pop("row_layout") == LAYOUTS.fingerprint
    (tmp_path / MARK).write_bytes(json.dumps(mark).encode())
    again = states.open(0)
    assert (again.through, contents(again)) == (99, ROWS)
    again.close()


def tables(home: Path) -> list[Path]:
    """The files that hold the rows."""
    return sorted((home / "0.0/db").glob("*.sst"))


def flip_a_byte(file: Path) -> None:
    """Damage a file in its middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def test_an_old_mark_is_not_trusted(states: LocalStates, clock: Clock) -> None:
    """The topic forgets after 48 hours what was removed from it; the disk would bring it back."""
    filled(states)
    clock.now_s += MARK_LIFE_S + 1
    again = states.open(0)
    assert (again.through, contents(again)) == (-1, {})
    again.close()


def test_a_flipped_byte_is_found_when_all_is_read(states: LocalStates, tmp_path: Path) -> None:
    filled(states)
    flip_a_byte(tables(tmp_path)[0])
    again = states.open(0)
    with pytest.raises(DamagedStoreError, match=r"block checksum mismatch.*the next start rebuilds it"):
        contents(again)
    again.wipe("a flipped byte")
    assert contents(again) == {}
    again.close()


def test_a_database_that_complained_gets_no_mark(states: LocalStates, tmp_path: Path) -> None:
    filled(states)
    flip_a_byte(tables(tmp_path)[0])
    again = states.open(0)
    with pytest.raises(DamagedStoreError):
        again.get_many(list(ROWS))
    again.close()
    assert not (tmp_path / MARK).exists()


def test_a_folder_in_use_is_left_alone_and_another_one_taken(states: LocalStates) -> None:
    """A worker that hangs keeps its folder while its partition is given to another one on the same machine."""
    hanging, other = states.open(0), states.open(0)
    assert hanging.folder.name == "0.0" and other.folder.name == "0.1"
    fill(other, through=7)
    other.close()
    hanging.close()
    best = states.open(0)
    assert (best.folder.name, best.through) == ("0.1", 7), "the one that knows most is taken"
    best.close()


def test_state_topics_have_folders_of_their_own_and_what_is_old_is_deleted(states: LocalStates, clock: Clock) -> None:
    """After a rebuild was abandoned nobody opens its folder again, and it is about people."""
    filled(states)
    state = states.beside("app.state.v2", "its id").open(0)
    assert (state.found, state.folder.parent.name) == (False, "beside-app.state.v2")
    fill(state, through=7)
    state.close()
    assert states.open(0).through == 99
    mark = state.folder / "clean.json"
    for age_s, stays in ((MARK_LIFE_S - 1, True), (MARK_LIFE_S + 1, False)):
        os.utime(mark, (clock.now_s - age_s, clock.now_s - age_s))
        states.tidy()
        assert (state.folder / "db").exists() == stays


def test_a_topic_that_was_made_again_finds_nothing_of_the_old_one(states: LocalStates) -> None:
    state = states.beside("app.state.v2", "its id").open(0)
    fill(state)
    state.close()
    again = states.beside("app.state.v2", "another id").open(0)
    assert (again.found, contents(again)) == (False, {})
    again.close()


def test_what_nobody_will_use_again_is_deleted(states: LocalStates, clock: Clock, tmp_path: Path) -> None:
    filled(states)
    in_use = states.open(1)
    states.tidy()
    assert (tmp_path / "0.0/db").exists(), "it can still be used"
    clock.now_s += MARK_LIFE_S + 1
    states.tidy()
    assert not (tmp_path / "0.0/db").exists()
    assert (tmp_path / "1.0/db").exists(), "somebody uses it"
    in_use.close()
