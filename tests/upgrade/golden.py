"""`python -m tests.upgrade.golden OUT`: writes, by the present program, what a shop would have on disk and on topics.

Each version that changes a layout adds a folder of its own; README.md says what each file is.
"""

import asyncio
import gzip
import io
import logging
import lzma
import shutil
import sys
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import structlog

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.snapshot_records import number_of
from liveprofile.models.text_cache import TextCache
from liveprofile.profiles.fold.cursor import CURSOR_KEY
from liveprofile.profiles.items.event import ItemEventKind, kind_of
from liveprofile.profiles.records.activity import head_dtype
from liveprofile.profiles.records.training_example import decode as decode_example
from liveprofile.profiles.records.training_example import example_dtype
from liveprofile.profiles.state.row import row_dtype
from liveprofile.streams.backtest.engine.arrivals import Arrival
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.stages.profile.local_state import LocalStates
from tests.upgrade.digests import DIMS, Net
from tests.upgrade.logs import ROOT, shop
from tests.upgrade.program import EMBEDDER, GoldenFold, Wiring, fold_arrivals, wiring
from tests.upgrade.record_file import Record, write_records

SHARE_BEFORE = 0.6
"""Of the log, before the checkpoint."""
EXAMPLES = 40
"""Of each kind that are kept."""
CACHED = 20
"""Texts in the golden text cache."""
NOW_S = 1_800_000_000.0
"""The clock when the mark of the local state is written."""
LOGS = {"activity": (7, 30, 1_800), "activity-2": (11, 100, 1_200)}
"""Seed, shoppers and events of the simulated shops; the first one's state is written as well."""
REVIEWS = 95
"""Of praise, and as many of blame, put between the events: fewer are too few for a model of sentiment."""
CORRECTIONS = 5
TICK_S = 6 * 3600.0
BATCH = 200


async def write_golden(out: Path, model: Path) -> None:
    """Write all files into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for name, (seed, users, events) in LOGS.items():
        with tempfile.TemporaryDirectory() as folder:
            wired = wiring(Path(folder), model, early=True)
            await fold_arrivals(wired, small_shop(seed, users, events), tick_s=TICK_S, batch=BATCH)
        log = _sent(wired, wired.topics.activity)
        write_records(out / f"{name}.records.xz", log)
        seen = _sent(wired, wired.topics.item_events) if name == "activity" else []
        found = {"digests": await digests_of(log, seen), "records": len(log)}
        if seen:
            found |= await _write_state(out, log, seen)
        _write_json(out / f"{name}.json", found)
    _write_json(out / "layouts.json", layouts())
    _write_text_cache(out)


def small_shop(seed: int, users: int, events: int) -> list[Arrival]:
    """A small simulated shop, whose shoppers also say what some of a larger one say, at moments of their own."""
    few = shop(seed, users, events)
    named = [one for one in few if b'"user_id"' in one.value and one.topic == "clicks"]
    said = _opinions(shop(seed + 1, 1_000, 120_000))
    between = []
    for at, one in enumerate(said):
        author = named[at * len(named) // len(said)]
        fields = orjson.loads(one.value) | {"ts": author.time_ms, "user_id": orjson.loads(author.value)["user_id"]}
        fields.pop("anonymous_id", None)
        between.append(Arrival(one.topic, author.key, orjson.dumps(fields), author.time_ms))
    return sorted([*few, *between], key=lambda one: one.time_ms)


def _opinions(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """As many reviews of praise as of blame, and corrections; in the order of time."""
    reviews = [
        one for one in arrivals if one.topic == "reviews" and b'"text"' in one.value and one.value.endswith(b"}")
    ]
    stars = [orjson.loads(one.value).get("stars", 0) for one in reviews]
    blame = [one for one, count in zip(reviews, stars, strict=True) if count <= 2]
    praise = [one for one, count in zip(reviews, stars, strict=True) if count >= 4]
    corrections = [one for one in arrivals if b'"corrected"' in one.value]
    return sorted([*blame[:REVIEWS], *praise[:REVIEWS], *corrections[:CORRECTIONS]], key=lambda one: one.time_ms)


def _sent(wired: Wiring, topic: str) -> list[Record]:
    return [(key, value) for key, value, _ in wired.log.sent[topic, 0]]


async def digests_of(log: list[Record], item_events: Sequence[Record] = ()) -> dict[str, str]:
    """The digests of what the fold, the learners and the items make of a golden log.

    Of `item_events` the sightings are taken; the others follow from the log.
    """
    with tempfile.TemporaryDirectory() as folder:
        golden = GoldenFold(Path(folder))
        golden.count_items([value for _, value in item_events if kind_of(value) == ItemEventKind.SIGHTING])
        await golden.take(log, 0, len(log))
    net = Net(golden.wired.topics)
    net(golden.wired.topics.activity, [MemoryRecord("", 0, at, 0, *one) for at, one in enumerate(log)])
    golden.hand_out(net)
    net.take_end(golden.end())
    net.take_items([golden.items])
    return net.digests()


async def _write_state(out: Path, log: list[Record], item_events: list[Record]) -> dict[str, int]:
    """Fold a log up to the checkpoint, write all that is kept then, fold the rest, and write what came of it."""
    cut = int(len(log) * SHARE_BEFORE)
    with tempfile.TemporaryDirectory() as folder:
        golden = GoldenFold(Path(folder))
        half = len(item_events) // 2
        golden.count_items([value for _, value in item_events[:half]])
        await golden.take(log, 0, cut, items=False)
        state, cursor = golden.partition.fold.checkpoint()
        write_records(out / "state.records.xz", [*state, (CURSOR_KEY, cursor)])
        items, neighbours, item_cursor = golden.items.checkpoint()
        write_records(out / "items.records.xz", items)
        write_records(out / "item-neighbours.records.xz", neighbours)
        write_records(out / "item-cursors.records.xz", [(b"cursor", item_cursor)])
        _write_local_state(out, [*state, (CURSOR_KEY, cursor)], golden.wired.topics.state)
        before = golden.end()
        said = {fact_id for fact_id, _ in golden.facts()}
        await golden.take(log, cut, len(log), items=False)
        after = golden.end()
    shown = {
        "at_the_checkpoint": list(map(orjson.loads, before.snapshots)),
        "at_the_end": list(map(orjson.loads, after.snapshots)),
        "facts_after": [[fact_id, orjson.loads(value)] for fact_id, value in golden.facts() if fact_id not in said],
    }
    (out / "profiles.json.xz").write_bytes(lzma.compress(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS), preset=9))
    write_records(out / "item-events.records.xz", item_events)
    write_records(out / "examples.records.xz", _examples(_sent(golden.wired, golden.wired.topics.examples)))
    write_records(out / "models.records.xz", _newest(_sent(golden.wired, golden.wired.topics.models)))
    return {"checkpoint": cut, "item_events_before": half, "state_through": len(state)}


def _newest(records: list[Record]) -> list[Record]:
    """All records of the newest model version."""
    newest = max(number_of(key or b"") for key, _ in records)
    return [(key, value) for key, value in records if number_of(key or b"") == newest]


def _examples(records: list[Record]) -> list[Record]:
    """The first ones of each kind."""
    kept: list[Record] = []
    counts = dict.fromkeys(ExampleKind, 0)
    for key, value in records:
        found = decode_example(key, value)
        if found is not None and counts[ExampleKind(found.kind)] < EXAMPLES:
            counts[ExampleKind(found.kind)] += 1
            kept.append((key, value))
    return kept


def _write_local_state(out: Path, records: list[Record], topic: str) -> None:
    """The RocksDB folder of the partition with its mark, as a worker leaves it after an orderly stop."""
    with tempfile.TemporaryDirectory() as folder:
        states = LocalStates(Path(folder), topic, lambda: NOW_S)
        states.topic_id = "golden"
        local = states.open(0)
        local.put_many([(key or b"", value) for key, value in records])
        local.through = len(records) - 1
        local.close()
        for log in Path(folder).glob("*/db/LOG*"):
            log.unlink()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for file in sorted(Path(folder).rglob("*")):
                tar.add(file, str(file.relative_to(folder)), recursive=False, filter=_plain)
        (out / "local-state.tar.gz").write_bytes(gzip.compress(buffer.getvalue(), 9, mtime=0))


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without owner and time of this machine."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(NOW_S)
    return entry


def _write_text_cache(out: Path) -> None:
    """The cache's file and what is in it; the vectors are drawn, so that no model is needed."""
    rng = np.random.default_rng(7)
    items = {
        f"golden text {at}": rng.integers(-4_000, 4_000, DIMS).astype("<i2").tobytes() + b"home/decor" * (at % 2)
        for at in range(CACHED)
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.sqlite"
        with TextCache(path, EMBEDDER, key=b"a key of the tests") as cache:
            cache.put_many(items)
        shutil.copyfile(path, out / "texts.sqlite")
    texts = {text: b64encode(value).decode() for text, value in items.items()}
    _write_json(out / "texts.json", {"model_id": EMBEDDER, "texts": texts})


def layouts() -> dict[str, object]:
    """The dtypes of rows, heads and examples, as NumPy describes them."""
    examples = {kind.name: example_dtype(kind, 32).descr for kind in ExampleKind}
    return {"row": row_dtype(DIMS).descr, "head": head_dtype(DIMS).descr, "examples_of_32": examples}


def _write_json(path: Path, content: object) -> None:
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(write_golden(Path(sys.argv[1]), ROOT / ".liveprofile" / "model"))
