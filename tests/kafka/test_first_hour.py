"""The events of one's own in docs/tutorial.md: checked, put right, sent, and read as a profile."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from support.paths import ROOT
from support.secured.suite import MECHANISM, REGISTRY, startup_path
from support.worker import Workers

from liveprofile.streams.contract.topics import Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## 7. Ten events of your own shop")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(text|sh)\n(.*?)```", SECTION, re.DOTALL)
WITHIN_S = 60.0


@pytest.fixture
def environment(bootstrap: str, app_id: str, model_folder: Path, tmp_path: Path) -> dict[str, str]:
    """The settings of this test's application."""
    secured = {name: os.environ[name] for name in (MECHANISM, REGISTRY) if name in os.environ}
    return secured | {
        "LIVEPROFILE_APP_ID": app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": f"{app_id}-",
        "LIVEPROFILE_DATA_DIR": str(tmp_path),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": "a key for tests only",
        "LIVEPROFILE_PARTITIONS": "1",
    }


@pytest.fixture
def workers(environment: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    """Workers of this test's application."""
    started = Workers(environment, tmp_path)
    yield started
    started.kill_all()


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


async def test_the_page_is_as_it_runs(
    new_topics: Callable[..., Awaitable[Topics]], environment: dict[str, str], workers: Workers, tmp_path: Path
) -> None:
    await new_topics(partitions=1)
    events, findings = blocks("text")
    (tmp_path / "own.jsonl").write_text(events, encoding="utf-8")

    def run(line: str, code: int = 0) -> str:
        line = line.replace("liveprofile ", f"{sys.executable} -m liveprofile ", 1)
        paths = {"PYTHONPATH": startup_path(), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, env=environment | paths, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    check, put_right, look = (text.strip().splitlines() for text in blocks("sh"))
    assert run(check[0], code=3) == findings
    run(put_right[0])
    checked = run(put_right[1])
    assert "refused" not in checked
    assert "219.00 EUR in 1 order" in checked
    workers.start()
    replay, show, explain = look
    assert "sent 9 records" in run(replay)
    shown = _until_nine_events(lambda: run(f"{show} --json || true"))
    assert (shown["spend"]["orders"], shown["spend"]["orders_priced"], shown["spend"]["total"]) == (2, 1, 219.0)
    panel = run(show)
    assert "9 events" in panel
    assert "coffee" in panel
    assert "219.00 EUR in 1 order" in panel
    assert "1 more order of unknown amount" in panel
    assert "segments" in run(explain)


def _until_nine_events(read: Callable[[], str]) -> dict[str, dict[str, float]]:
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = json.loads(read() or "{}")
        if found.get("events", {}).get("total") == 9:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
