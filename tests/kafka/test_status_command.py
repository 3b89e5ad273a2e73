"""`liveprofile status` on a real broker: without a worker, in a pipe, and where one profile is in the way."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from support.activities import activity

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.status import open_status
from liveprofile.streams.runtime.outbox import KafkaOutbox

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

NewTopics = Callable[..., Awaitable[Topics]]
ANNA, BERT = "a" * 32, "b" * 32


def environment(bootstrap: str, topics: Topics) -> dict[str, str]:
    return os.environ | {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(topics.partitions),
    }


async def status(bootstrap: str, topics: Topics, *words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "liveprofile", "status", *words],
        env=environment(bootstrap, topics),
        capture_output=True,
        text=True,
        check=False,
    )


def parts(found: dict[str, Any], topic: str) -> dict[int, tuple[int, bool]]:
    """Records that wait, and whether there is a lag in seconds, by partition."""
    rows = [one for one in found["partitions"] if one["topic"] == topic]
    return {one["partition"]: (one["lag_records"], one["lag_seconds"] > 0) for one in rows}


async def test_without_a_worker_it_tells_what_waits(bootstrap: str, new_topics: NewTopics, outbox: KafkaOutbox) -> None:
    topics = await new_topics(partitions=2)
    empty = await status(bootstrap, topics)
    assert (empty.returncode, empty.stderr) == (0, "")
    found = orjson.loads(empty.stdout)
    assert (found["lag_seconds"], found["summary"]) == (0.0, "no worker is in the group, and nothing waits")
    await outbox.send(topics.clicks, 1, [(None, b"{}", ())] * 3)
    found = orjson.loads((await status(bootstrap, topics)).stdout)
    assert (found["lag_records"], found["summary"]) == (3, "no worker is in the group, and 3 input records wait")
    assert 0 < found["lag_seconds"] < 120
    assert parts(found, topics.clicks) == {0: (0, False), 1: (3, True)}
    assert found["group_state"] in ("Dead", "Empty") and found["workers"] == []
    table = await status(bootstrap, topics, "--pretty")
    assert f"{topics.clicks}/1" in table.stdout and table.stdout.rstrip().endswith("3 input records wait")


async def test_it_says_what_is_missing_and_that_no_kafka_answers(bootstrap: str, app_id: str) -> None:
    without = await status(bootstrap, Topics(app_id, prefix=f"{app_id}-"))
    assert without.returncode == 3 and "topics create" in without.stderr
    nobody = await status("127.0.0.1:1", Topics(app_id))
    assert nobody.returncode == 4 and "No Kafka answers" in nobody.stderr


async def test_watching_in_a_pipe_gives_a_line_a_look_and_ends_with_ctrl_c(
    bootstrap: str, new_topics: NewTopics
) -> None:
    topics = await new_topics(partitions=1)
    process = subprocess.Popen(  # noqa: ASYNC220 - it takes a moment
        [sys.executable, "-m", "liveprofile", "status", "--watch", "--every", "0.2"],
        env=environment(bootstrap, topics),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    _, errors = await asyncio.to_thread(process.communicate)
    assert (process.returncode, errors.strip()) == (130, "")
    assert [orjson.loads(line)["application"] for line in lines] == [topics.group] * 2


async def test_the_profile_in_the_way_is_named_with_its_open_anomalies(
    bootstrap: str, new_topics: NewTopics, outbox: KafkaOutbox
) -> None:
    topics = await new_topics(partitions=1)
    keys = [ANNA] * 70 + [BERT] * 30
    await outbox.send(topics.activity, 0, [(key.encode(), activity(offset=at), ()) for at, key in enumerate(keys)])
    steps = [(ANNA, 1, "velocity", "raised"), (ANNA, 1, "velocity", "cleared"), (ANNA, 2, "bot", "raised")]
    anomalies = [
        orjson.dumps({"profile_id": key, "anomaly_id": str(number), "kind": kind, "state": state})
        for key, number, kind, state in steps
    ]
    await outbox.send(topics.profile_anomalies, 0, [(ANNA.encode(), value, ()) for value in anomalies])
    async with open_status(bootstrap, topics) as reader:
        began = time.monotonic()
        profile = await reader._hot_profile(0)
        assert time.monotonic() - began < 30
    assert profile is not None
    assert (profile.profile_id, profile.share, profile.activities, profile.anomalies) == (ANNA, 0.7, 100, ["bot"])
