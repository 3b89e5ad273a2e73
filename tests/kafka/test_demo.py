"""The demo as a newcomer runs it: what it prints, and that nothing of it stays behind, however it ends."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from support.paths import ROOT
from support.secured.suite import suite_broker

from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker for those demos that need not start their own."""
    with suite_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running.bootstrap


def start(data_dir: Path, model_folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A demo; on a Kafka of others' it makes no key of its own, so it is given one."""
    key = {"LIVEPROFILE_PSEUDONYM_KEY": "a key for tests only"} if "--bootstrap" in arguments else {}
    return subprocess.Popen(
        [sys.executable, "-m", "liveprofile", "--data-dir", str(data_dir), "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LIVEPROFILE_MODEL_DIR": str(model_folder), **key},
        cwd=ROOT,
    )


def read_until(demo: "subprocess.Popen[str]", words: str) -> str:
    """What it prints up to the line with these words."""
    assert demo.stdout is not None
    told = ""
    for line in demo.stdout:
        told += line
        if words in line:
            return told
    pytest.fail(f"the demo ended without saying {words!r}:\n{told}")


def processes_of(data_dir: Path) -> list[str]:
    """Command lines of all processes that work in the data folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(data_dir) in " ".join(command := process.cmdline()):
                found.append(f"{process.pid} {' '.join(command)[:200]}")
    return found


def nothing_is_left(data_dir: Path, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while (left := processes_of(data_dir)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def shown(address: str, cookie: str = "") -> int:
    """How many profiles the page of a demo can show."""
    with urlopen(Request(f"{address}/v1/meta", headers={"Cookie": cookie} if cookie else {})) as answer:
        return int(json.load(answer)["profiles"])


def test_a_demo_of_some_seconds_says_what_it_does_shows_a_page_sums_up_and_leaves_nothing(
    tmp_path: Path, model_folder: Path
) -> None:
    demo = start(tmp_path, model_folder, "--for", "8", "--rate", "100", "--users", "50", "--seed", "3")
    told = read_until(demo, "shop traffic")
    page = re.search(r"the page: (http://127\.0\.0\.1:\d+)/$", told, re.M)
    assert page is not None, told
    with urlopen(f"{page[1]}/") as answer:
        assert b"<html" in answer.read()
    told += read_until(demo, "  in ")
    assert shown(page[1]) > 0, "five seconds after the first event the page has profiles"
    rest, _ = demo.communicate(timeout=120)
    told += rest
    assert demo.returncode == 0, told
    for words in (
        "starting the embedded Apache Kafka",
        f"topics: {len(Topics().all())}",
        "starting a worker",
        "shop traffic",
        "Summary",
    ):
        assert words in told, words
    assert re.search(r"^ +\d+ s  in \d+/s  out .* p50 .* p99 .* waiting .* changes \d+  anomalies \d+", told, re.M)
    counted = {
        name: int(number.replace(",", "")) for name, number in re.findall(r"^(events in|changes) +([\d,]+)", told, re.M)
    }
    assert counted["events in"] > 300
    assert counted["changes"] > 10
    assert re.search(r"^latency p99 +[\d,]+ ms", told, re.M)
    nothing_is_left(tmp_path)


def test_a_secured_demo_shows_changes_with_each_process_in_its_own_rights(tmp_path: Path, model_folder: Path) -> None:
    demo = start(tmp_path, model_folder, "--secure", "--for", "8", "--rate", "100", "--users", "50", "--seed", "3")
    told = read_until(demo, "  in ")
    page = re.search(r"the page: (http://\S+)/#/sign-in\?once=(\S+) ", told)
    assert page is not None, told
    with pytest.raises(HTTPError, match="401"):
        shown(page[1])
    body = json.dumps({"once": page[2]}).encode()
    with urlopen(Request(f"{page[1]}/session", body, {"Content-Type": "application/json"})) as signed_in:
        cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    assert shown(page[1], cookie) > 0
    rest, _ = demo.communicate(timeout=250)
    told += rest
    assert demo.returncode == 0, told
    assert page[2] not in (tmp_path / "logs" / "serve.log").read_text(encoding="utf-8")
    assert not list(tmp_path.glob("*tokens*")), "the token that made the sign-in needed is gone"
    assert "secured by TLS, passwords and rights" in told
    changes = re.search(r"^changes +([\d,]+)", told, re.M)
    assert changes is not None and int(changes[1].replace(",", "")) > 10, told
    log = (tmp_path / "broker" / "logs" / "server.log").read_text(encoding="utf-8")
    denied = [line for line in log.splitlines() if "is Denied" in line]
    assert all("liveprofile-of-another-application" in line for line in denied), (
        "the look for others is denied, all else is not"
    )
    nothing_is_left(tmp_path)


def test_a_demo_that_is_killed_takes_its_broker_and_its_children_along(tmp_path: Path, model_folder: Path) -> None:
    demo = start(tmp_path, model_folder, "--for", "100")
    read_until(demo, "shop traffic")
    assert len(processes_of(tmp_path)) >= 5, "broker, worker, service, traffic and the demo itself"
    demo.kill()
    demo.communicate(timeout=150)
    nothing_is_left(tmp_path)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_demo_that_is_interrupted_sums_up_and_leaves_nothing(
    tmp_path: Path, model_folder: Path, kafka: str, number: signal.Signals, exit_code: int
) -> None:
    demo = start(tmp_path, model_folder, "--for", "100", "--join", "--bootstrap", kafka)
    told = read_until(demo, "shop traffic")
    demo.send_signal(number)
    rest, _ = demo.communicate(timeout=150)
    assert demo.returncode == exit_code, told + rest
    assert "latency p99" in rest
    assert "Traceback" not in rest
    nothing_is_left(tmp_path)


def test_a_demo_whose_worker_dies_shows_the_end_of_its_log_and_fails(
    tmp_path: Path, model_folder: Path, kafka: str
) -> None:
    demo = start(tmp_path, model_folder, "--for", "100", "--join", "--bootstrap", kafka, "--no-serve")
    assert "page" not in read_until(demo, "shop traffic")
    (worker,) = [child for child in psutil.Process(demo.pid).children() if "worker" in child.cmdline()]
    worker.kill()
    rest, _ = demo.communicate(timeout=150)
    assert demo.returncode == 1, rest
    assert "worker.log" in rest
    assert "Error: The worker ended with exit code -9." in rest
    assert "Summary" not in rest
    nothing_is_left(tmp_path)


def test_a_demo_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    demo = start(tmp_path, tmp_path / "none", "--for", "5")
    told, _ = demo.communicate(timeout=30)
    assert demo.returncode == 3
    assert "liveprofile export-model" in told
    nothing_is_left(tmp_path)
