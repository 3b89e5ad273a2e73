"""F19: what workers keep on their disk is damaged while none runs: profiles in RocksDB, texts in SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.faults.trial import Trial

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
    ("db/*.sst", flip),
    ("db/*.sst", truncate),
    ("db/*.sst", overwrite),
    ("db/*.sst", remove),
    ("db/MANIFEST-*", truncate),
    ("db/CURRENT", remove),
    ("clean.json", overwrite),
)
"""Files of a local state, and what is done to one of them."""
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
            damaged = _damage_profiles(data / "state" / shop.topics.group, number, trial.random)
            text_damage = TEXT_DAMAGES[number % len(TEXT_DAMAGES)]
            text_damage(data / "cache" / "texts.sqlite", trial.random)
            worker = await shop.workers.start()
            trial.progress(f"{'killed' if killed else 'stopped'}; {', '.join(damaged)}; texts: {text_damage.__name__}")
            wiped = worker.child.log.read_text(errors="replace").count("local state wiped")
            trial.require(
                wiped >= shop.topics.partitions, f"{wiped} of {shop.topics.partitions} local states were wiped"
            )
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        told = sum("text cache damaged" in log.read_text(errors="replace") for log in shop.workers.logs())
        trial.require(
            told >= max(1, trial.n * 3 // 4), f"only {told} of {trial.n} workers told of their damaged text cache"
        )
        await trial.check(shop)


def _damage_profiles(home: Path, number: int, random: Random) -> list[str]:
    """Damage the local state of each partition in another way; says what was done. A kill may leave no file for it."""
    done = []
    for at, folder in enumerate(sorted(home.iterdir())):
        pattern, damage = PROFILE_DAMAGES[(number + at) % len(PROFILE_DAMAGES)]
        for file in sorted(folder.glob(pattern))[:1]:
            damage(file, random)
            done.append(f"{damage.__name__} {pattern}")
    return done
