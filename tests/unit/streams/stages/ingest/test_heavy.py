"""A heavy record or batch costs its share: pauses, slices and pieces are bounded, and every pattern is linear."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from support.growth import least_seconds
from support.ingest_fakes import DictCache, HalfNamedTopics, HashEmbedder, MemoryOutbox, click, records

from liveprofile.streams import contract
from liveprofile.streams.stages import ingest
from liveprofile.streams.stages.ingest import stage as stages
from liveprofile.streams.stages.ingest.embedding import Embedded, EmbeddingService
from liveprofile.streams.stages.ingest.heavy_hitters import FEWEST, WINDOW_MS, HeavyHitters
from liveprofile.streams.stages.ingest.outgoing import MOST_BYTES
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.slices import SLICE_LINES, SLICE_RECORDS
from liveprofile.streams.stages.ingest.stage import IngestStage
from liveprofile.streams.stages.ingest.turns import Turns
from liveprofile.streams.transport.record import Item

PIECES = (
    *(
        "a",
        "a-",
        "1",
        "1-",
        "1 ",
        "a1",
        "“",
        "„",
        "«",
        '"',
        '"a',
        "&",
        "&a",
        "&#",
        "&amp;",
        "{{",
        "${",
        "<%",
        "[[",
        ".",
    ),
    *("\\", "\\u", "\\ud83c", "\\\\", "%", "a@", "@a.", "http://", "eyJ", "+4 ", "(12) ", "4111 ", "DE89 ", "call "),
    *("\u0301", "字", "٤", " ", "_", "__a", ":a_", "a/", "'a", '"a":', '{"a"', "é"),
)
"""What patterns begin with, repeat, and end with."""


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Every compiled pattern of ingest and of the contract."""
    for package in (ingest, contract):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name.rpartition('.')[2]}.{name}", value


def seconds(pattern: re.Pattern[str] | re.Pattern[bytes], piece: str, length: int) -> float:
    """Processor time to replace all that matches in a repeated piece, the least of three."""
    text = (piece * length)[:length] + "\n"
    subject, empty = (text, "") if isinstance(pattern.pattern, str) else (text.encode(), b"")
    return least_seconds(lambda: pattern.sub(empty, subject))  # type: ignore[arg-type,call-overload]  # of its own type


@pytest.mark.parametrize(("name", "pattern"), list(dict(patterns()).items()))
def test_twice_the_length_costs_a_pattern_about_twice_the_time(
    name: str, pattern: re.Pattern[str] | re.Pattern[bytes]
) -> None:
    """From 2,000 to 16,000 characters a linear pattern takes 8 times as long, and a quadratic one 64 times."""
    for piece in PIECES:
        short, long = seconds(pattern, piece, 2_000), seconds(pattern, piece, 16_000)
        assert long < 0.002 or long < 24 * short, f"{name} on {piece!r}: {short:.6f} s, then {long:.6f} s"


async def test_a_stretch_of_work_ends_after_its_time_and_not_before() -> None:
    now = [0]
    turns = Turns(5, lambda: now[0])
    for second in range(100):
        now[0] = second
        if turns.are_due:
            await turns.end()
    assert turns.given == 19


class Watched(EmbeddingService):
    """Keeps how many texts were asked for at once."""

    def __init__(self) -> None:
        super().__init__(HashEmbedder(), DictCache(), HalfNamedTopics())
        self.asked: list[int] = []

    async def vectors(self, texts: Sequence[str]) -> list[Embedded]:
        self.asked.append(len(texts))
        return await super().vectors(texts)


class Weighed(MemoryOutbox):
    """Keeps the bytes of each sending."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: list[int] = []

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> None:
        self.bytes.append(sum(len(value or b"") for _, value, _ in items))
        await super().send(topic, partition, items)


async def handled(topic: str, values: list[bytes]) -> tuple[Watched, Weighed]:
    watched, outbox, acks = Watched(), Weighed(), []
    stage = IngestStage(
        key=PseudonymKey(b"a key of the tests"), embedding=watched, activity_topic="activity", clock_ms=lambda: 0
    )
    await stage.start(outbox)
    await stage.handle(topic, 0, records(values), lambda: acks.append(len(outbox.bytes)))
    await stage.stop()
    assert acks == [len(outbox.bytes)], "acked once, after everything was sent"
    return watched, outbox


async def test_a_slice_has_a_limited_number_of_records_and_lines() -> None:
    watched, _ = await handled("clicks", [click(title=f"Vase {n}") for n in range(2 * SLICE_RECORDS + 1)])
    assert watched.asked == [SLICE_RECORDS, SLICE_RECORDS, 1]
    order = orjson.dumps({"user_id": "u1", "items": [{"title": f"t{n}"} for n in range(200)]})
    watched, _ = await handled("purchases", [order] * 25)
    assert watched.asked == [SLICE_LINES, SLICE_LINES, 25 * 200 - 2 * SLICE_LINES]


async def test_many_lines_of_few_bytes_are_sent_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    order = orjson.dumps({"user_id": "u1", "items": [{"title": "a"}] * 200})
    monkeypatch.setattr("liveprofile.streams.stages.ingest.outgoing.MOST_BYTES", 1 << 20)
    _, outbox = await handled("purchases", [order] * 120)
    assert sum(outbox.bytes) > 3 << 20
    assert max(outbox.bytes) < (1 << 20) + SLICE_LINES * 400
    assert MOST_BYTES == 8 << 20


async def test_others_get_their_turn_while_a_heavy_batch_is_processed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With stretches of no time, after every record and every event; here counted by what `Turns` gave."""
    given: list[Turns] = []

    class Counted(Turns):
        def __init__(self) -> None:
            super().__init__(longest_s=0.0)
            given.append(self)

    monkeypatch.setattr(stages, "Turns", Counted)
    await handled("clicks", [click(title=f"Vase {n}") for n in range(300)])
    assert given[0].given >= 600


def test_an_id_with_the_traffic_of_many_is_named_once_a_window() -> None:
    sketch, named = HeavyHitters(0.02, entries=256), []
    for place in range(200_000):
        one = b"heavy" if place % 25 == 0 else b"u%d" % place
        if (found := sketch.note(one, place)) is not None:
            named.append(found)
        assert len(sketch) <= 257
    assert [one.profile_id for one in named] == ["heavy"]
    assert named[0].events == FEWEST and abs(named[0].share - 0.04) < 0.01
    for place in range(FEWEST):
        found = sketch.note(b"heavy", WINDOW_MS + 200_000 + place) or found
    assert found is not None and found.profile_id == "heavy"


def test_a_few_events_and_a_small_share_name_nobody() -> None:
    sketch = HeavyHitters(0.02)
    assert not any(sketch.note(b"u1", place) for place in range(FEWEST - 1))
    busy = HeavyHitters(0.02)
    assert not any(busy.note(b"u%d" % (place % 100), place) for place in range(200_000))


@pytest.mark.parametrize(("characters", "beside"), [(100, 0), (40_000, 1)])
async def test_a_record_that_takes_long_to_validate_leaves_the_event_loop_to_others(
    characters: int, beside: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A title full of digits in a record of 120 KB takes a tenth of a second."""
    given: list[object] = []

    async def to_thread(work: Any, *arguments: Any) -> Any:
        given.append(work)
        return work(*arguments)

    monkeypatch.setattr("liveprofile.streams.stages.ingest.stage.asyncio.to_thread", to_thread)
    await handled("clicks", [click(title="1-" * (characters // 2))])
    assert len(given) == beside
