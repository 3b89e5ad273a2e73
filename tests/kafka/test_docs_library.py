"""The blocks of docs/library.md that need a Kafka run, after those that need none."""

import asyncio
import os
import re
import subprocess
import sys
from base64 import b64encode

import msgspec
import numpy as np
import pytest
from aiokafka import AIOKafkaProducer
from support.markdown import program_of, python_blocks
from support.paths import ROOT
from support.samples import anomaly, changed, snapshot_value
from support.secured.suite import startup_path, suite_broker

from liveprofile import Topics, profile_id
from liveprofile.profiles.items.record import ItemSnapshot
from liveprofile.streams.admin.topics import create_topics

pytestmark = pytest.mark.kafka
PAGE = ROOT / "docs" / "library.md"
MINE = profile_id("u-1042", b"a secret of the shop, 16 bytes or more")
OTHER = "b" * 32


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory):
    """A broker of its own: the page uses the topics' usual names."""
    with suite_broker(tmp_path_factory.mktemp("broker")) as running:
        asyncio.run(create_topics(running.bootstrap, Topics()))
        asyncio.run(_write(running.bootstrap))
        yield running.bootstrap


async def _write(bootstrap: str) -> None:
    facts = [
        ("profile-changes", changed(MINE, 1)),
        ("profile-changes", changed(OTHER, 1)),
        ("profile-changes", changed(OTHER, 4)),
        ("profile-anomalies", anomaly(MINE, "raised", 1)),
    ]
    item = ItemSnapshot("0" * 16, "pan-28", "Cast iron pan", "home/kitchen", "Arbo", 49.9, 0, _vector())
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for topic, record in facts:
            headers = [("ce_id", record.fact_id.encode())]
            value = msgspec.json.encode(record)
            await producer.send_and_wait(topic, value, key=record.profile_id.encode(), headers=headers)
        for profile, version in ((MINE, 1), (OTHER, 4)):
            await producer.send_and_wait("profiles", snapshot_value(profile, version), key=profile.encode())
        await producer.send_and_wait("items", msgspec.json.encode(item), key=item.item.encode())


def _vector() -> str:
    return b64encode(np.eye(1, 128, dtype="<f2").tobytes()).decode()


def test_all_blocks_run_in_their_order(kafka: str) -> None:
    program, replaced = re.subn(r'bootstrap = ".+"', f'bootstrap = "{kafka}"', program_of(python_blocks(PAGE)))
    assert replaced == 1
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": startup_path()},
    )
    assert done.returncode == 0, done.stderr
    assert f"{MINE} version 1 ['interests.session']" in done.stdout
    assert f"{OTHER} as it is now, version 4" in done.stdout
    assert "raised velocity 60" in done.stdout
    assert "interests.session ['topic 1'] {'code': 'INTEREST_ENTERED'" in done.stdout
    assert "Cast iron pan" in done.stdout
