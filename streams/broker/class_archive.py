"""Kafka's classes as a JVM has parsed them, in a file beside the jars: with it a broker starts in half the time.

The JVM checks that an archive fits its own version and the jars, and starts without it where it does not (JEP 350).
"""

from hashlib import sha256
from pathlib import Path


def archive_file(jars: Path, java: Path) -> Path:
    """Where the archive of these jars for this Java is, or would be."""
    return jars.with_name(f"{jars.name}-classes-{sha256(str(java.resolve()).encode()).hexdigest()[:8]}.jsa")


def flags(jars: Path, java: Path) -> list[str]:
    """What has the JVM use the archive; nothing where there is none."""
    archive = archive_file(jars, java)
    return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"] if archive.exists() else []
