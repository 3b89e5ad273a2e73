"""Preparation that makes starts of the broker fast, done once in advance."""

import tempfile
from pathlib import Path

from liveprofile.streams.broker.broker import Broker
from liveprofile.streams.broker.class_archive import archive_file
from liveprofile.streams.broker.jars import jars_folder
from liveprofile.streams.broker.java import find_java

WRITTEN_S = 120.0
"""Time limit for a JVM to write its archive and end, also on a busy machine."""


def write_class_archive(cache_folder: Path | None = None) -> Path:
    """Start a broker once and let its JVM write the archive of loaded classes; the jars must exist."""
    jars = jars_folder(cache_folder)
    final = archive_file(jars, find_java())
    if final.exists():
        return final
    with tempfile.TemporaryDirectory(prefix="preparing-", dir=jars.parent) as folder:
        fresh = Path(folder) / "classes.jsa"
        options = [f"-XX:ArchiveClassesAtExit={fresh}", "-Xlog:cds=off"]
        Broker(Path(folder) / "broker", cache_folder=cache_folder, java_options=options).start().stop(WRITTEN_S)
        if fresh.exists():
            fresh.replace(final)
    return final
