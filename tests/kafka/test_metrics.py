"""The port of a real worker: its series are those of the catalogue, and its probes follow what it does."""

import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.worker import Workers

from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.metrics.catalogue import CATALOGUE
from liveprofile.streams.metrics.metric import PREFIX
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.record import Item

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

NOT_OF_THIS_RUN = {
    "liveprofile_anomalies_total",  # a few clicks are none
    "liveprofile_produce_errors_total",  # none is lost
    "liveprofile_model_version",  # the first comes after 500 examples
    "liveprofile_model_age_seconds",
    "liveprofile_model_score",
    "liveprofile_kafka_auth_expires_seconds",  # nothing expires without authentication
}
"""Documented series that this worker has no reason to have."""
PARTITIONS = 2
SECRET = "a key for tests only"
SHOPPER = "grace@shop.example"


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    found = Workers({}, tmp_path)
    yield found
    found.kill_all()


def ask(port: int, path: str) -> tuple[int, str]:
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def series(port: int) -> dict[tuple[str, str], float]:
    """Every series of a scrape by its name and labels, without the bounds of buckets."""
    found = {}
    for family in text_string_to_metric_families(ask(port, "/metrics")[1]):
        for one in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
            found[one.name, labels] = one.value
    return found


def until(port: int, holds: Callable[[dict[tuple[str, str], float]], bool]) -> dict[tuple[str, str], float]:
    """Scrape until something holds."""
    end = time.monotonic() + 120
    while not holds(found := series(port)):
        assert time.monotonic() < end, found
        time.sleep(0.5)
    return found


def click(number: int) -> Item:
    event = {
        "event_id": f"e{number}",
        "user_id": SHOPPER if number % 2 else f"user-{number % 7}",
        "action": "cart",
        "item_id": f"item-{number % 5}",
        "title": f"a thing of kind {number % 5}",
        "category": "home/kitchen",
        "price": 12.5,
    }
    return None, orjson.dumps(event), ()


async def test_a_worker_has_every_documented_series_and_no_other(
    bootstrap: str,
    new_topics: Callable[..., Awaitable[Topics]],
    model_folder: Path,
    workers: Workers,
    tmp_path: Path,
    outbox: KafkaOutbox,
) -> None:
    topics, port = await new_topics(partitions=PARTITIONS), free_port()
    workers.environment = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(PARTITIONS),
        "LIVEPROFILE_DATA_DIR": str(tmp_path / "data"),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": SECRET,
        "LIVEPROFILE_WORKER__PROBE_PORT": str(port),
    }
    worker = workers.start("ingest,profile,learn,items")
    assert f"http://127.0.0.1:{port}/metrics" in workers.log().read_text(), "the first line says where"
    assert (ask(port, "/startupz")[0], ask(port, "/readyz")[0], ask(port, "/livez")[0]) == (200, 200, 200)

    records: list[Item] = [click(number) for number in range(60)]
    await outbox.send(topics.clicks, 0, [*records, (None, b"no event", ())])
    applied = ("liveprofile_events_total", "outcome=applied,source=activity")
    pairs = ("liveprofile_neighbour_pairs_total", "")
    found = until(port, lambda read: read.get(applied) == 60 and read.get(pairs, 0) > 0)

    names = {name for name, _ in found if name.startswith(PREFIX)}
    documented = {one.full_name for one in CATALOGUE if "worker" in one.process}
    bases = {name for one in names for name in (one, *(one.removesuffix(end) for end in ("_bucket", "_count", "_sum")))}
    assert not {one for one in names if not {one, one.rsplit("_", 1)[0]} & documented}
    assert documented - bases == NOT_OF_THIS_RUN

    def of(name: str, **labels: str) -> float:
        return found[PREFIX + name, ",".join(f"{label}={value}" for label, value in sorted(labels.items()))]

    assert of("events_total", source="clicks", outcome="accepted") == 60
    assert of("dead_letters_total", source="clicks", reason="malformed-json") == 1
    assert of("end_to_end_seconds_count", stage="folded") == 60
    assert 0 < of("end_to_end_seconds_sum", stage="folded") / 60 < 60
    assert of("end_to_end_seconds_count", stage="said") > 0
    assert of("stage_records_total", stage="ingest") == 61
    assert of("consumer_lag_records", stage="ingest", topic=topics.clicks, partition="0") == 0
    assert of("consumer_lag_seconds", stage="ingest", topic=topics.clicks, partition="0") == 0
    assert of("partition_state", stage="profile", topic=topics.activity, partition="1", state="running") == 1
    assert of("kafka_connected") == 1
    assert sum(value for (name, _), value in found.items() if name == "liveprofile_profiles") == 8

    text = ask(port, "/metrics")[1]
    assert not [word for word in (SHOPPER, "grace", SECRET, "user-3", "item-3", "kitchen") if word in text]
    workers.stop(worker)
