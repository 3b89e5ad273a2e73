"""The page in a real browser, before a real service on a real Kafka; the test is the worker, so it knows what is there."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from aiokafka import AIOKafkaProducer

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
READY_S = 150.0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser; a loud skip, with what to install, where there is none."""
    path = os.environ.get("LIVEPROFILE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("THE PAGE IS NOT TESTED: no Chromium. Install it: apt-get install chromium")
    api = pytest.importorskip(
        "playwright.sync_api", reason="THE PAGE IS NOT TESTED: pip install playwright (it is in the extra dev)"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Served:
    """A service that can be killed and started again, and records for it."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.topics = Topics("page", 2, prefix=f"page-{uuid.uuid4().hex[:8]}-")
        self._broker, self._folder = broker, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        in_thread(lambda: create_topics(broker.bootstrap, self.topics))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    def start(self) -> None:
        """Start it, and wait until it has read everything."""
        environment = os.environ | {
            "LIVEPROFILE_DATA_DIR": str(self._folder),
            "LIVEPROFILE_APP_ID": self.topics.app_id,
            "LIVEPROFILE_TOPIC_PREFIX": self.topics.prefix,
            "LIVEPROFILE_PARTITIONS": str(self.topics.partitions),
            "LIVEPROFILE_PSEUDONYM_KEY": "a key that only tests have",
        }
        command = [sys.executable, "-m", "liveprofile", "--bootstrap", self._broker.bootstrap, "serve"]
        log = self._folder / "serve.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen([*command, "--port", str(self.port)], env=environment, stdout=out, stderr=out)
        deadline = time.monotonic() + READY_S
        while not self._is_ready():
            assert self._process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def put(self, topic: str, key: str, *values: bytes) -> None:
        """Records of a topic, durable when it returns."""

        async def send() -> None:
            producer = AIOKafkaProducer(bootstrap_servers=self._broker.bootstrap)
            await producer.start()
            try:
                for value in values:
                    await producer.send_and_wait(topic, value, key=key.encode())
            finally:
                await producer.stop()

        in_thread(send)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def in_thread(make: Callable[[], Any]) -> None:
    """Run a coroutine in a thread of its own: Playwright's loop runs in this one."""
    import asyncio

    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(make())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@pytest.fixture(scope="session")
def served(chromium: Any, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service, filled with a small shop."""
    from page.shop import fill

    made = Served(broker, tmp_path_factory.mktemp("page"))
    fill(made)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def page(chromium: Any, served: Served) -> Iterator[Any]:
    """A page of a browser of its own. It fails the test for an error that the page's own code made."""
    context = chromium.new_context(viewport={"width": 1440, "height": 960})
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("dialog", lambda dialog: errors.append(f"a dialog opened: {dialog.message}"))
    yield found
    context.close()
    assert errors == []
