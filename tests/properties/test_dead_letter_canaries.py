"""No canary comes out: refused records with one in every value and in keys, in many encodings, through ingest."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice

import pytest
from support.canaries import ENCODINGS, Canary, canaries, found_in
from support.ingest_fakes import DictCache, FakeRecord, HalfNamedTopics, HashEmbedder, MemoryOutbox
from support.paths import DATA

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage
from liveprofile.streams.stages.ingest.validate import validate

COUNT = 10_000
REAL = {
    "ubi/ubi_queries_events.ndjson.gz": "ubi",
    "rees46/2019-Oct.csv.gz": "rees46",
    "online_retail/online_retail.dev.csv.gz": "online-retail",
    "amazon_reviews_2023/training.jsonl.gz": "amazon",
}
"""Files of real records, with their formats."""


def refused(candidates: Iterable[Canary]) -> list[Canary]:
    """The first COUNT of them that validation refuses."""
    return list(islice((one for one in candidates if not hasattr(validate(one.topic, one.value), "lines")), COUNT))


async def letters_of(records: list[Canary]) -> MemoryOutbox:
    """What ingest writes of them, topic by topic."""
    embedding = EmbeddingService(HashEmbedder(), DictCache(), HalfNamedTopics())
    stage = IngestStage(
        key=PseudonymKey(b"a key of the tests"), embedding=embedding, activity_topic="activity", clock_ms=lambda: 1
    )
    outbox, by_topic = MemoryOutbox(), defaultdict(list)
    await stage.start(outbox)
    for place, one in enumerate(records):
        by_topic[one.topic].append(FakeRecord(one.value, place, one.topic, 0, key=one.word.encode()))
    for topic, group in by_topic.items():
        await stage.handle(topic, 0, group, lambda: None)
    await stage.stop()
    return outbox


def assert_no_canary_comes_out(records: list[Canary]) -> None:
    outbox = asyncio.run(letters_of(records))
    items = [item for place in outbox.sent.values() for item in place]
    assert len(items) == len(records) == COUNT
    found: Counter[str] = Counter()
    for key, value, headers in items:
        offset = json.loads(value or b"{}")["source"]["offset"]
        parts = [key or b"", value or b"", *(part for name, content in headers for part in (name.encode(), content))]
        if found_in(parts, records[offset]):
            found[records[offset].encoding] += 1
    assert not found, f"canaries were found: {found}"


def test_of_ten_thousand_refused_records_no_canary_comes_out():
    records = refused(canaries(3 * COUNT, seed=13))
    assert {one.encoding for one in records} == set(ENCODINGS)
    assert_no_canary_comes_out(records)


def test_of_ten_thousand_refused_records_made_of_real_ones_no_canary_comes_out():
    bases = []
    for name, form in REAL.items():
        if not (DATA / name).exists():
            pytest.skip(f"SKIPPED FOR WANT OF DATA: {DATA / name} is not there")
        with DataFile(DATA / name) as file:
            found = islice(read_file(file, DATA / name, FORMATS[form], Counter()), COUNT)
            bases += [(record.topic, record.fields) for record in found]
    assert_no_canary_comes_out(refused(canaries(3 * COUNT, seed=17, bases=bases[:: len(bases) // COUNT])))


def test_a_canary_would_be_found_in_whatever_it_was_written():
    for one in canaries(200, seed=5):
        if one.encoding not in ("gzip", "cut"):
            assert found_in([one.value], one), one.encoding
