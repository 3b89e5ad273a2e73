"""F20: damaged models: in the model folder, on the `models` topic; and damaged records of `activity` and `state`."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer

from liveprofile.models.snapshot_records import is_manifest, number_of
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import head_dtype
from tests.faults.shop import MODEL, Shop
from tests.faults.trial import Trial, sleep_until
from tests.faults.workers import Worker
from tests.support.topics_now import latest

STEP = 500
"""Events between two looks for a new model version."""
OFTEN = {"LIVEPROFILE_LEARN__FIRST_MODEL_AFTER": "50", "LIVEPROFILE_LEARN__MODEL_EVERY": "100"}
"""A model version every few hundred events."""
REFUSED_S = 60.0
"""A worker that cannot use what it finds must have said so, and ended, by then."""


async def damaged_models(trial: Trial) -> None:
    """F20: `n` damages of each kind; what is damaged is refused, said, never unpickled, and everything else goes on."""
    async with trial.shop(settings=OFTEN) as shop:
        await damaged_folders(shop)
        worker = await shop.workers.start()
        await _until_version(shop, 2)
        for name, damage in islice(cycle(SNAPSHOTS.items()), trial.n):
            worker = await damaged_snapshot(shop, worker, name, damage)
        await damaged_activity(shop, worker)
        await trial.check(shop)
        await damaged_state(shop)


async def damaged_folders(shop: Shop) -> None:
    """A worker given a damaged model folder ends at once, and says what to do."""
    workers = {}
    for number, (name, damage) in enumerate(islice(FOLDERS.items(), shop.trial.n)):
        folder = shop.folder / f"model-{number}"
        folder.mkdir()
        for file in filter(Path.is_file, MODEL.iterdir()):
            (folder / file.name).symlink_to(file)
        damage(folder)
        workers[name] = shop.workers.launch(supervised=False, environment={"LIVEPROFILE_MODEL_DIR": str(folder)})
    for name, worker in workers.items():
        _must_end(shop, worker, await shop.ended(worker, REFUSED_S), f"a model folder with {name}", "export-model")


async def damaged_snapshot(shop: Shop, worker: Worker, name: str, damage: Callable[[bytes, Path], bytes]) -> Worker:
    """The newest model version is damaged while no worker runs: the one before is used, the next gets a new number."""
    await shop.workers.stop(worker)
    shelf = await _shelf(shop)
    newest, before = sorted(filter(is_manifest, shelf), key=number_of, reverse=True)[:2]
    canary = shop.folder / "unpickled"
    await _write(shop, shop.topics.models, 0, (newest, damage(shelf[newest], canary)))
    worker = await shop.workers.start()
    refused, resumed = f'"key":"{newest.decode()}"', f'"version":{number_of(before)}'
    await sleep_until(lambda: _said(worker, "models_resumed"), within_s=30)
    shop.trial.require(_said(worker, "model_version_refused", refused), f"nothing was said of a snapshot with {name}")
    shop.trial.require(_said(worker, "models_resumed", resumed), f"{before!r} was not used in place of {name}")
    await _until_version(shop, number_of(newest) + 1)
    shop.trial.require(not canary.exists(), f"a model snapshot with {name} was unpickled")
    await _write(shop, shop.topics.models, 0, (newest, None))  # for the oracle, which trusts the whole shelf
    shop.trial.progress(f"a model snapshot with {name} was refused, version {number_of(newest) + 1} follows")
    return worker


async def damaged_activity(shop: Shop, worker: Worker) -> None:
    """Records that are no activities stand in the log: each goes to dead-letters, and the worker goes on."""
    damaged = list(_no_activities(shop.trial))
    for partition in range(shop.topics.partitions):
        await _write(shop, shop.topics.activity, partition, *damaged)
        await shop.send(STEP // 10)
    await shop.drain()
    shop.trial.require(worker.runs and not worker.exits, "a damaged record of activity ended the worker")
    shop.trial.progress(f"{len(damaged) * shop.topics.partitions} records of activity were none")


async def damaged_state(shop: Shop) -> None:
    """A profile's state record is cut: a worker refuses to guess, and says where it is and what to do."""
    key, value = await _some_profile(shop)
    await _write(shop, shop.topics.state, 0, (key, value[:-1]))
    worker = shop.workers.launch(supervised=False)
    code = await shop.ended(worker, REFUSED_S)
    _must_end(shop, worker, code, "a damaged state record", f"{shop.topics.state}/0", "Rebuild the state")


def _must_end(shop: Shop, worker: Worker, code: int, what: str, *words: str) -> None:
    """A worker that met damage must end with an error and say where it is, or what to do."""
    shop.trial.progress(f"{what}: the worker ended with {code}")
    shop.trial.require(code in (1, 3), f"a worker with {what} ended with {code}, not 1 or 3")
    told = worker.child.log.read_text()
    shop.trial.require(all(word in told for word in words), f"a worker with {what} does not say {words}")


def _said(worker: Worker, *words: str) -> bool:
    """Whether one line of a worker's log has all the words."""
    return any(all(word in line for word in words) for line in worker.child.log.read_text().splitlines())


async def _until_version(shop: Shop, number: int) -> None:
    """Send events until there is a model version of this number or above. AssertionError if none comes."""
    for _ in range(20):
        if any(number_of(key) >= number for key in await _shelf(shop) if is_manifest(key)):
            return
        await shop.send(STEP)
        await shop.drain()
    raise AssertionError(f"there is no model version {number} after {shop.supply.sent:,} events")


async def _shelf(shop: Shop) -> dict[bytes, bytes]:
    return await latest(shop.bootstrap, shop.topics.models, 0)


async def _some_profile(shop: Shop) -> tuple[bytes, bytes]:
    """Key and state record of a profile."""
    state = await latest(shop.bootstrap, shop.topics.state, 0)
    return next((key, value) for key, value in state.items() if not key.startswith(b"\x00"))


async def _write(shop: Shop, topic: str, partition: int, *records: tuple[bytes | None, bytes | None]) -> None:
    """Write keys and values, as nobody should."""
    async with AIOKafkaProducer(bootstrap_servers=shop.bootstrap, acks="all") as producer:
        for key, value in records:
            await producer.send_and_wait(topic, value, key, partition)


def _no_activities(trial: Trial) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Keys and values that no ingest writes: nothing, text, noise, cut records, numbers out of range."""
    size = head_dtype(Policy().dims).itemsize
    key, noise = b"0123456789abcdef0123456789abcdef", trial.random.randbytes
    yield from [(key, None), (key, b""), (key, b"{}"), (None, b"null"), (key, b"\x01"), (key, bytes(size))]
    yield from [(key, b"\xff" + noise(length)) for length in (1, size - 1, size, 5_000)]
    yield key, pickle.dumps({"a": 1})


class _Trap:
    """What makes a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.canary,)


def _flipped(value: bytes) -> bytes:
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]


SNAPSHOTS: dict[str, Callable[[bytes, Path], bytes]] = {
    "a pickle": lambda value, canary: pickle.dumps(_Trap(canary)),
    "a flipped bit": lambda value, canary: _flipped(value),
    "its end cut off": lambda value, canary: value[: len(value) // 2],
    "an old schema": lambda value, canary: orjson.dumps(orjson.loads(value) | {"schema": 0}),
    "another number": lambda value, canary: orjson.dumps(
        orjson.loads(value) | {"version": 1}, option=orjson.OPT_SORT_KEYS
    ),
    "nothing in it": lambda value, canary: b"",
}


def _rewrite(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Replace a link to the model's file by a changed copy."""
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(change(content))


def _manifest(folder: Path, **fields: object) -> None:
    _rewrite(folder, "manifest.json", lambda value: orjson.dumps(orjson.loads(value) | fields))


def _wrong_hash(folder: Path) -> None:
    files = orjson.loads((folder / "manifest.json").read_bytes())["files"]
    _manifest(folder, files=files | {"encoder.int8.onnx": "0" * 64})


FOLDERS: dict[str, Callable[[Path], None]] = {
    "a flipped bit": lambda folder: _rewrite(folder, "encoder.int8.onnx", _flipped),
    "a cut model": lambda folder: _rewrite(folder, "encoder.int8.onnx", lambda value: value[:-1000]),
    "a wrong hash": _wrong_hash,
    "an old layout": lambda folder: _manifest(folder, layout=0),
    "a cut manifest": lambda folder: _rewrite(folder, "manifest.json", lambda value: value[:100]),
    "a flipped tokenizer": lambda folder: _rewrite(folder, "tokenizer.json", _flipped),
}
