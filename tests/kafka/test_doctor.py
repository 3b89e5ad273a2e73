"""`doctor` on a real broker: it finds each planted fault, with the next step, and nothing where all is well."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from click.testing import CliRunner
from support.topics import add_partitions, begun

from liveprofile.streams.admin.doctor.diagnose import diagnose
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.key_check import replace_key
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.settings import Secret, Settings
from tests.kafka.test_topic_shape import configure

pytestmark = pytest.mark.kafka

KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Shop:
    """A shop where all is well, until something is planted."""

    bootstrap: str
    topics: Topics
    folder: Path
    outbox: KafkaOutbox
    variables: dict[str, str | None] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    async def doctor(self) -> tuple[int, list[Mapping[str, str]]]:
        """Exit code, and the findings that are not fine."""
        done = await asyncio.to_thread(
            CliRunner().invoke, main, ["doctor", *self.words], env=self.variables, catch_exceptions=False
        )
        told: dict[str, Any] = orjson.loads(done.stdout)
        assert told["ok"] is (done.exit_code == 0)
        return done.exit_code, [one for one in told["findings"] if one["status"] in ("warn", "fail")]


@pytest.fixture
async def shop(
    bootstrap: str,
    new_topics: Callable[..., Awaitable[Topics]],
    outbox: KafkaOutbox,
    tmp_path: Path,
    model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    """Two partitions of everything, a model of its own."""
    monkeypatch.chdir(tmp_path)
    topics = await new_topics(partitions=2)
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copytree(model_folder, tmp_path / "data" / "model")
    variables = {
        "APP_ID": topics.app_id,
        "BOOTSTRAP": bootstrap,
        "TOPIC_PREFIX": topics.prefix,
        "PARTITIONS": "2",
        "DATA_DIR": str(tmp_path / "data"),
        "PSEUDONYM_KEY": KEY,
    }
    return Shop(bootstrap, topics, tmp_path, outbox, {f"LIVEPROFILE_{name}": one for name, one in variables.items()})


async def _typo(shop: Shop) -> None:
    (shop.folder / "liveprofile.toml").write_text("partitons = 4\n")


async def _no_key(shop: Shop) -> None:
    shop.variables["LIVEPROFILE_PSEUDONYM_KEY"] = None


async def _other_key(shop: Shop) -> None:
    await replace_key(shop.outbox, shop.bootstrap, shop.topics.lineage, "f" * 64)


async def _open_key(shop: Shop) -> None:
    await _no_key(shop)
    path = shop.folder / "data" / "pseudonym.key"
    path.write_text(KEY)
    path.chmod(0o644)


async def _damaged_model(shop: Shop) -> None:
    path = shop.folder / "data" / "model" / "tokenizer.json"
    path.write_bytes(path.read_bytes() + b" ")


async def _no_model(shop: Shop) -> None:
    shutil.rmtree(shop.folder / "data" / "model")


async def _missing_topic(shop: Shop) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await admin.start()
    await admin.delete_topics([shop.topics.examples])
    await admin.close()


async def _more_partitions(shop: Shop) -> None:
    await add_partitions(shop.bootstrap, shop.topics, shop.topics.profiles, 3)


async def _deleting_state(shop: Shop) -> None:
    await configure(shop.bootstrap, shop.topics.state, {"cleanup.policy": "delete", "max.message.bytes": str(4 << 20)})


async def _small_records(shop: Shop) -> None:
    await configure(shop.bootstrap, shop.topics.models, {"cleanup.policy": "compact", "max.message.bytes": "100000"})


async def _too_many_in_sync(shop: Shop) -> None:
    await configure(
        shop.bootstrap,
        shop.topics.profiles,
        {"cleanup.policy": "compact", "max.message.bytes": str(4 << 20), "min.insync.replicas": "2"},
    )


async def _wrong_address(shop: Shop) -> None:
    shop.variables["LIVEPROFILE_BOOTSTRAP"] = "127.0.0.1:1"


async def _clear_text(shop: Shop) -> None:
    shop.variables["LIVEPROFILE_BOOTSTRAP"] = "10.1.2.3:9092"


async def _other_application(shop: Shop) -> None:
    await begun(shop.outbox, shop.bootstrap, shop.topics)
    shop.variables["LIVEPROFILE_APP_ID"] = f"{shop.topics.app_id}-two"


async def _unknown_rack(shop: Shop) -> None:
    shop.variables["LIVEPROFILE_KAFKA__CLIENT_RACK"] = "eu-west-1z"


async def _no_folder(shop: Shop) -> None:
    (shop.folder / "file").write_text("")
    shop.variables |= {
        "LIVEPROFILE_DATA_DIR": str(shop.folder / "file"),
        "LIVEPROFILE_MODEL_DIR": str(shop.folder / "data" / "model"),
    }


async def _ready_file(shop: Shop) -> None:
    shop.words += ["--ready-file", str(shop.folder / "run" / "ready")]


async def _like_no_setting(shop: Shop) -> None:
    shop.variables["LIVEPROFILE_SHOESIZE"] = "44"


PLANTED: tuple[tuple[Callable[[Shop], Awaitable[None]], int, str, str, str, str], ...] = (
    (_typo, 2, "settings", "fail", "unknown setting: partitons", "Did you mean partitions?"),
    (_no_key, 3, "key", "fail", "no pseudonym key", "liveprofile key create"),
    (_other_key, 3, "key of the profiles", "fail", "not the one that profiles were made with", "liveprofile key check"),
    (_open_key, 0, "key", "warn", "can be read by others", "chmod 600 "),
    (_damaged_model, 3, "model", "fail", "tokenizer.json has sha256", "liveprofile export-model --force"),
    (_no_model, 3, "model", "fail", "there is no model", "liveprofile export-model --out"),
    (_missing_topic, 3, "topics", "fail", "are missing: ", "liveprofile topics create"),
    (_more_partitions, 3, "topics", "fail", "has 3 instead of 2", "LIVEPROFILE_PARTITIONS=3"),
    (_deleting_state, 3, "topic configuration", "fail", "cleanup.policy=delete", "--add-config cleanup.policy=compact"),
    (_small_records, 3, "topic configuration", "fail", "max.message.bytes=100000", "--add-config max.message.bytes="),
    (_too_many_in_sync, 3, "topic configuration", "fail", "nothing could be written", "min.insync.replicas=1"),
    (_wrong_address, 4, "Kafka", "fail", "No Kafka answers at 127.0.0.1:1", "--bootstrap HOST:PORT"),
    (_clear_text, 4, "Kafka", "fail", "does not encrypt the connection to 10.1.2.3:9092", "allow_plaintext = true"),
    (_other_application, 3, "owner", "fail", "belong to the application", "topic_prefix = "),
    (_unknown_rack, 3, "racks", "fail", "the rack of no broker", "Set kafka.client_rack"),
    (_no_folder, 3, "data folder", "fail", "cannot be written", "mkdir -p "),
    (_ready_file, 3, "ready file", "fail", "cannot be written", "mkdir -p "),
    (_like_no_setting, 0, "settings", "warn", "LIVEPROFILE_SHOESIZE is like no setting", "unset LIVEPROFILE_SHOESIZE"),
)
"""What is planted; then the exit code, check, status, words and next step that are due."""


@pytest.mark.parametrize(
    ("plant", "code", "check", "status", "words", "step"), PLANTED, ids=lambda one: getattr(one, "__name__", "")
)
async def test_a_planted_fault_is_found_with_its_next_step(
    shop: Shop, plant: Callable[[Shop], Awaitable[None]], code: int, check: str, status: str, words: str, step: str
) -> None:
    await plant(shop)
    ended, findings = await shop.doctor()
    if ended != code:  # brokers take a change of configuration over a moment after they have confirmed it
        ended, findings = await shop.doctor()
    assert ended == code, findings
    found = [one for one in findings if one["check"] == check]
    assert any(one["status"] == status and words in one["words"] and step in one["next_step"] for one in found), found
    assert all(one["next_step"] for one in findings)


async def test_where_all_is_well_only_the_missing_worker_is_told(shop: Shop) -> None:
    code, findings = await shop.doctor()
    assert (code, [one["check"] for one in findings]) == (0, ["workers"])
    assert findings[0]["next_step"] == "liveprofile worker --processes auto"


async def test_a_stage_that_nobody_runs_is_named(shop: Shop) -> None:
    topics = shop.topics
    consumer = AIOKafkaConsumer(
        *topics.inputs, topics.activity, topics.item_events, bootstrap_servers=shop.bootstrap, group_id=topics.group
    )
    await consumer.start()
    try:
        code, findings = await shop.doctor()
    finally:
        await consumer.stop()
    (found,) = findings
    assert (code, found["check"], found["next_step"]) == (3, "workers", "liveprofile worker --stages learn")
    assert f"{topics.examples}/0" in found["words"]


@pytest.mark.parametrize(("off_ms", "status"), [(0.0, "ok"), (-5_000.0, "warn"), (60_000.0, "fail")])
async def test_a_clock_that_differs_from_that_of_kafka_is_told(shop: Shop, off_ms: float, status: str) -> None:
    topics = shop.topics
    settings = Settings(
        app_id=topics.app_id,
        topic_prefix=topics.prefix,
        partitions=2,
        data_dir=str(shop.folder / "data"),
        pseudonym_key=Secret(KEY),
    )
    found = await diagnose(
        settings, lambda: shop.bootstrap, stages=("ingest",), now_ms=lambda: time.time() * 1000 + off_ms
    )
    (clock,) = (one for one in found if one.check == "clock")
    assert clock.status == status, clock.words
    assert bool(clock.next_step) is (status != "ok")
