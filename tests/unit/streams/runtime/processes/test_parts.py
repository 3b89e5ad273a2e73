"""The parts of a supervisor: cores, waits, names, and the worker's end of the two pipes."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.processes.cores import cores_available, process_count
from liveprofile.streams.runtime.processes.lifeline import Lifeline, Word
from liveprofile.streams.runtime.processes.only_one import name_of, the_only_one


def test_the_quota_of_a_container_counts_where_it_is_less_than_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert cores_available(tmp_path) == 8
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("300000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cores_available(tmp_path) == 3
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert cores_available(tmp_path) == 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cores_available(tmp_path) == 8


def test_auto_is_a_process_a_core_and_no_more_than_partitions() -> None:
    assert process_count("auto", partitions=4, cores=2) == 2
    assert process_count("auto", partitions=4, cores=64) == 4
    assert process_count("6", partitions=4, cores=2) == 6


@pytest.mark.parametrize("asked", ["0", "257", "-1", "many", "1.5", ""])
def test_another_number_is_refused_with_the_limits(asked: str) -> None:
    with pytest.raises(UserError, match="from 1 to 256"):
        process_count(asked, partitions=4, cores=2)


def test_one_name_has_one_supervisor_in_a_data_folder(tmp_path: Path) -> None:
    with the_only_one(tmp_path, "shop", "a"):
        with pytest.raises(UserError, match="under the name a"), the_only_one(tmp_path, "shop", "a"):
            pass
        with the_only_one(tmp_path, "shop", "b"), the_only_one(tmp_path, "other", "a"):
            pass
    with the_only_one(tmp_path, "shop", "a"):
        pass


def test_the_name_is_the_setting_or_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "shop server (1)")
    assert name_of("mine") == "mine"
    assert name_of("") == "shop-server-1"


async def test_a_worker_tells_its_words_and_waits_for_its_turn() -> None:
    there, here = os.pipe()
    heard, tells = os.pipe()
    lifeline = Lifeline(there, tells)
    turn = asyncio.create_task(lifeline.turn())
    await asyncio.sleep(0.1)
    assert not turn.done()
    lifeline.hold()
    os.write(here, b"\n")
    await asyncio.wait_for(turn, 5)
    lifeline.tell(Word.READY)
    assert os.read(heard, 100) == b"prepared\nready\n"
    os.close(heard)
    lifeline.tell(Word.NOT_READY)  # nobody is there any more


def test_a_worker_whose_supervisor_is_gone_ends_in_order() -> None:
    code = (
        "import time\n"
        "from liveprofile.streams.runtime.processes.lifeline import Lifeline\n"
        "Lifeline().hold()\n"
        "print('holds', flush=True)\n"
        "time.sleep(30)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"holds\n"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == -signal.SIGTERM
