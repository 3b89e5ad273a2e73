"""F19: what workers keep on their disk is damaged while none runs: profiles in RocksDB, texts in SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.faults.trial import Trial
from tests.faults.workers import Worker

FEW_ROWS = {"LIVEPROFILE_PROFILE__ROWS_IN_MEMORY": "400"}
BACK_S = 5.0
"""A worker is stopped, its files are damaged, and it is back after about so long."""
HEADER = 100
"""Bytes of SQLite's header."""

Damage = Callable[[Path, Random], None]


def flip(file: Path, random: Random) -> None:
    """One bit within the first half, where a table of RocksDB has its rows."""
    content = bytearray(file.read_bytes())
    content[random.randrange(len(content) // 2)] ^= 1 << random.randrange(8)
    file.write_bytes(content)


def flip_header(file: Path, random: Random) -> None:
    """A byte of what a SQLite file begins with."""
    content = bytearray(file.read_bytes())
    content[random.randrange(16)] ^= 0xFF
    file.write_bytes(content)


def truncate(file: Path, random: Random) -> None:
    """The end is missing."""
    with file.open("r+b") as opened:
        opened.truncate(random.randrange(file.stat().st_size // 2))


def overwrite(file: Path, random: Random) -> None:
    """Random bytes instead of the first kilobytes."""
    with file.open("r+b") as opened:
        opened.write(random.randbytes(min(8_192, file.stat().st_size)))


def remove(file: Path, random: Random) -> None:
    """The file is gone."""
    file.unlink()


def flip_rows(file: Path, random: Random) -> None:
    """One byte in each page of SQLite but the first."""
    content = bytearray(file.read_bytes())
    for page in range(4_096, len(content), 4_096):
        content[page + random.randrange(8, 4_000)] ^= 0xFF
    file.write_bytes(content)


PROFILE_DAMAGES: tuple[tuple[str, Damage], ...] = (
    ("*/db/*.sst", flip),
    ("*/db/*.sst", truncate),
    ("*/db/*.sst", overwrite),
    ("*/db/*.sst", remove),
    ("*/db/MANIFEST-*", truncate),
    ("*/db/CURRENT", remove),
    ("*/clean.json", overwrite),
)
"""Files of local states, and what is done to one of them."""
TEXT_DAMAGES: tuple[Damage, ...] = (flip_header, truncate, overwrite, flip_rows)


async def damaged_files(trial: Trial) -> None:
    """F19: workers are stopped, or now and then killed; their files are damaged; the next ones must notice and say so.

    After a stop the mark of an orderly close is there, so the damage itself must be found; after a kill it is wiped.
    """
    trial.state = "rocksdb"
    async with trial.shop(settings=FEW_ROWS) as shop:
        data = shop.folder / "data"
        worker = await shop.workers.start()
        traffic = shop.traffic(trial.pace(BACK_S))
        for number, moment in enumerate(trial.moments()):
            await shop.until_sent(moment)
            shop.recoveries.struck()
            if killed := number % 4 == 3:
                shop.workers.remove(worker)
            else:
                await shop.workers.stop(worker)
            profile_damage = _damage_profiles(data / "state" / shop.topics.app_id, number, trial.random, killed)
            text_damage = TEXT_DAMAGES[number % len(TEXT_DAMAGES)]
            text_damage(data / "cache" / "texts.sqlite", trial.random)
            worker = await shop.workers.start()
            said = _said(worker)
            trial.progress(f"{'killed' if killed else 'stopped'}; {profile_damage}; texts: {text_damage.__name__}")
            trial.require("local state wiped" in said, f"nothing was said of the profiles after {profile_damage}")
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        told = sum("text cache damaged" in log.read_text(errors="replace") for log in shop.workers.logs())
        trial.require(told >= trial.n * 3 // 4, f"only {told} of {trial.n} workers told of their damaged text cache")
        await trial.check(shop)


def _damage_profiles(home: Path, number: int, random: Random, killed: bool) -> str:
    """Damage a file of each partition's local state; says what was done. A kill may leave no file that fits."""
    pattern, damage = PROFILE_DAMAGES[number % len(PROFILE_DAMAGES)]
    files = sorted(home.glob(pattern))
    for folder in {file.relative_to(home).parts[0] for file in files}:
        damage(next(file for file in files if file.relative_to(home).parts[0] == folder), random)
    if not files and not killed:
        raise AssertionError(f"no file fits {pattern} in {home}")
    return f"{damage.__name__} {pattern}"


def _said(worker: Worker) -> str:
    return worker.child.log.read_text(encoding="utf-8", errors="replace")
