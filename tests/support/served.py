"""A real service for tests of the page, killed and started again; the test is the worker that fills its topics."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from aiokafka import AIOKafkaProducer

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics

READY_S = 150.0


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
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)], env=environment, stdout=out, stderr=out
            )
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
