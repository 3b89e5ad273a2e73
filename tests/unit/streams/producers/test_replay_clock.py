"""The order, the pace and the shift of a replay, with a sender that only remembers."""

import gzip
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import last_time_ms, read_file
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.errors import UserError
from liveprofile.streams.producers.replay import Clock, replay


class RememberingSender:
    """Keeps what it is given, as `streams.producers.sender.Sender` would send it."""

    def __init__(self) -> None:
        self.records: list[tuple[str, bytes, dict[str, object]]] = []
        self.sent_at: list[float] = []

    def add(self, topic: str, key: bytes, value: bytes, now_ms: int, *, replayed: bool = False) -> None:
        self.records.append((topic, key, orjson.loads(value)))
        self.sent_at.append(time.monotonic())

    async def send(self, *, idle: bool = False) -> None: ...


def clicks(*times_ms: int | None) -> list[Record]:
    return [Record("clicks", "u", {"user_id": "u"} | ({} if when is None else {"ts": when})) for when in times_ms]


async def run(records: list[Record], clock: Clock) -> RememberingSender:
    sender = RememberingSender()
    assert await replay(records, sender, clock, lambda _: False) == len(records)  # type: ignore[arg-type]
    return sender


async def test_without_a_speed_records_go_at_once_with_their_own_time() -> None:
    sender = await run(clicks(1_000, 90_000_000, None), Clock())
    assert [record[2].get("ts") for record in sender.records] == [1_000, 90_000_000, None]
    assert sender.sent_at[-1] - sender.sent_at[0] < 1


async def test_with_a_speed_the_gaps_are_those_of_recorded_time_divided_by_it() -> None:
    sender = await run(clicks(10_000, 12_000, 16_000), Clock(speed=20))
    first, second, third = sender.sent_at
    assert second - first == pytest.approx(0.1, abs=0.07)
    assert third - first == pytest.approx(0.3, abs=0.1)


async def test_a_shift_moves_all_times_by_the_same() -> None:
    sender = await run(clicks(1_000, 2_000, None), Clock(shift_ms=500))
    assert [record[2].get("ts") for record in sender.records] == [1_500, 2_500, None]


async def test_stamping_gives_the_moment_of_sending() -> None:
    before = time.time_ns() // 1_000_000
    sender = await run(clicks(1_000, 2_000), Clock(stamp_now=True))
    assert all(isinstance(ts := record[2]["ts"], int) and before <= ts <= before + 5_000 for record in sender.records)


async def test_a_wish_to_stop_ends_a_long_wait() -> None:
    sender = RememberingSender()
    began = time.monotonic()
    stop = lambda _: time.monotonic() - began > 0.1  # noqa: E731  a clock of one line
    await replay(clicks(0, 3_600_000, 7_200_000), sender, Clock(speed=1), stop)  # type: ignore[arg-type]
    assert time.monotonic() - began < 2


def write_lines(path: Path, times_ms: list[int]) -> Path:
    path.write_text("".join(f'{{"client_id":"u","timestamp":{when},"user_query":"q{when}"}}\n' for when in times_ms))
    return path


def test_a_file_that_is_not_in_the_order_of_time_is_sorted(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "queries.ndjson", [30, 10, 20])
    with DataFile(path) as file:
        assert [record.time_ms for record in read_file(file, path, FORMATS["ubi"], Counter(), 2)] == [10, 20]


def test_the_last_time_is_that_of_the_last_record_that_would_be_sent(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "queries.ndjson", [30, 10, 20])
    assert last_time_ms(path, FORMATS["ubi"]) == 30
    assert last_time_ms(path, FORMATS["ubi"], limit=2) == 20


def test_half_a_gzip_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl.gz"
    text = "".join(f'{{"topic":"clicks","user_id":"u{n * 7919 % 10007}"}}\n' for n in range(5_000))
    path.write_bytes(gzip.compress(text.encode())[:-200])
    with DataFile(path) as file, pytest.raises(UserError, match="is not a complete gzip file"):
        list(read_file(file, path, FORMATS["jsonl"], Counter()))
