"""The jars of the pinned Apache Kafka: fetched once from Maven Central and checked against kafka.lock."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.jar import Jar, parse_jar
from liveprofile.streams.broker.maven import fetch_with_jgo, fetch_with_mvn

LOCK_FILE = Path(__file__).with_name("kafka.lock")
USER_CACHE = Path("~/.cache/liveprofile")

Progress = Callable[[int, int], None]
"""Called with (bytes present, bytes in all) as jars arrive."""


@cache
def locked_jars() -> tuple[Jar, ...]:
    """Every jar of the broker, as pinned in kafka.lock."""
    return tuple(parse_jar(line) for line in LOCK_FILE.read_text().splitlines() if line and not line.startswith("#"))


def kafka_version() -> str:
    """The pinned version of Apache Kafka."""
    return next(jar.version for jar in locked_jars() if jar.artifact == "kafka-server")


def jars_folder(cache_folder: Path | None = None) -> Path:
    """The folder of the jars of this lock file; another lock file has another folder, so jars are never mixed."""
    lock = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:8]
    return (cache_folder or USER_CACHE.expanduser()) / f"kafka-{kafka_version()}-{lock}"


def jars_are_present(cache_folder: Path | None = None) -> bool:
    """Whether every jar exists with its size; contents were checked when the folder was made."""
    folder = jars_folder(cache_folder)
    return all(_size(folder / jar.filename) == jar.size for jar in locked_jars())


def ensure_jars(cache_folder: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder with all jars; fetches them if they are missing.

    Jars are fetched into another folder, which is renamed when complete and checked. So an interruption leaves nothing
    incomplete, and two processes at once do no harm. jgo fetches; `mvn` is tried if jgo fails.
    """
    final = jars_folder(cache_folder)
    if jars_are_present(cache_folder):
        return final
    _make_cache(final.parent)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=final.parent) as temporary:
        complete = Path(temporary) / "jars"
        complete.mkdir()
        _fetch_all(complete, Path(temporary), progress)
        _put_in_place(complete, final, cache_folder)
    return final


def _make_cache(folder: Path) -> None:
    if os.pathsep in str(folder):
        raise BrokerError(
            f"The cache folder {folder} contains {os.pathsep}, which Java reads as a separator.", "Use another one."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise BrokerError(f"The cache folder {folder} cannot be made: {problem}.", "Make it writable.") from None


def _fetch_all(folder: Path, scratch: Path, progress: Progress | None) -> None:
    try:
        _fetch_in_parallel(folder, scratch / "jgo", progress)
    except Exception as failure:
        if shutil.which("mvn") is None:
            raise _cannot_fetch(failure) from failure
        try:
            fetch_with_mvn(locked_jars(), folder, scratch)
        except Exception as second:
            raise _cannot_fetch(second) from second
    for jar in locked_jars():
        _check(jar, folder / jar.filename)
    if progress:
        progress(_total(), _total())


def _fetch_in_parallel(folder: Path, repository: Path, progress: Progress | None) -> None:
    present = 0
    with ThreadPoolExecutor(8) as threads:
        for jar, path in zip(
            locked_jars(), threads.map(lambda jar: fetch_with_jgo(jar, repository), locked_jars()), strict=True
        ):
            _check(jar, path)
            path.rename(folder / jar.filename)
            present += jar.size
            if progress:
                progress(present, _total())


def _check(jar: Jar, path: Path) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != jar.sha256:
        raise BrokerError(
            f"{jar.filename} has SHA-256 {found}, kafka.lock says {jar.sha256}.",
            "Try again; if it happens again, the mirror serves another file: do not use it.",
            retryable=True,
        )


def _put_in_place(complete: Path, final: Path, cache_folder: Path | None) -> None:
    if final.exists() and not jars_are_present(cache_folder):
        shutil.rmtree(final, ignore_errors=True)
    try:
        complete.replace(final)
    except OSError:
        if not jars_are_present(cache_folder):  # otherwise another process has put the same files there
            raise


def _cannot_fetch(cause: Exception) -> BrokerError:
    if isinstance(cause, BrokerError):
        return cause
    return BrokerError(
        f"Apache Kafka {kafka_version()} ({len(locked_jars())} jars) could not be fetched from Maven Central: {cause}.",
        "Check the network (and proxy), then run the command again; or use another Kafka with --bootstrap HOST:PORT.",
        retryable=True,
    )


def _total() -> int:
    return sum(jar.size for jar in locked_jars())


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
