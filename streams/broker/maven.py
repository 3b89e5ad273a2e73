"""Fetches pinned jars from Maven Central: by jgo, in Python, or by `mvn` if it is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liveprofile.streams.broker.jar import Jar


def fetch_with_jgo(jar: Jar, repository: Path) -> Path:
    """Fetches one jar into `repository` (in Maven's layout) and returns its path.

    Only the file of the lock is requested: no dependency is resolved, so nothing can differ from the lock. `jgo.build`
    would do both, but it also needs its own Java 11, only to sort the jars.
    """
    from jgo.maven import MavenContext  # 0.3 s to import, needed once per machine

    context = MavenContext(repo_cache=repository, timeout=30)
    return Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def fetch_with_mvn(jars: Sequence[Jar], folder: Path, scratch: Path) -> None:
    """Fetches all jars into `folder` with one run of Maven; raises RuntimeError with its last lines if it fails."""
    pom = scratch / "pom.xml"
    pom.write_text(pom_text(jars))
    done = subprocess.run(
        ["mvn", "-B", "-q", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0:
        raise RuntimeError("mvn failed: " + " / ".join((done.stdout + done.stderr).splitlines()[-5:]))


def pom_text(jars: Sequence[Jar]) -> str:
    """A project with exactly the given jars as dependencies, without transitive ones."""
    dependencies = "".join(_dependency(jar) for jar in jars)
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>liveprofile</groupId><artifactId>broker</artifactId><version>1</version>"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )


def _dependency(jar: Jar) -> str:
    return (
        f"<dependency><groupId>{escape(jar.group)}</groupId><artifactId>{escape(jar.artifact)}</artifactId>"
        f"<version>{escape(jar.version)}</version><exclusions><exclusion><groupId>*</groupId>"
        "<artifactId>*</artifactId></exclusion></exclusions></dependency>"
    )
