"""One pinned jar of kafka.lock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of kafka.lock: coordinates, SHA-256 in hex, size in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def parse_jar(line: str) -> Jar:
    """
    >>> parse_jar("org.slf4j:slf4j-api:1.7.36 d3ef 41125").filename
    'slf4j-api-1.7.36.jar'
    """
    coordinates, sha256, size = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256, int(size))
