"""The broker's data folder: created, formatted once for KRaft, and refused if it is broken."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from liveprofile.streams.broker.errors import BrokerError

_ANOTHER = "Give another folder with --data-dir."


def data(folder: Path) -> Path:
    """The folder of Kafka's logs."""
    return folder / "data"


def prepare(folder: Path) -> None:
    """Creates the folders, readable by this user only: they will hold data of shoppers."""
    if "," in str(folder):
        raise BrokerError(f"The data folder {folder} contains a comma, which Kafka reads as a separator.", _ANOTHER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "logs").mkdir(exist_ok=True)
    except OSError as problem:
        raise BrokerError(f"The data folder {folder} cannot be used: {problem}.", _ANOTHER) from None


def ensure_formatted(folder: Path, java_command: list[str], properties: Path, cluster_id: str = "") -> str:
    """Formats the storage if it is new, and returns the cluster's id; without `cluster_id`, a new cluster of one node.

    Formatting uses another folder, which is renamed when done: an interruption leaves nothing incomplete.
    """
    final = data(folder)
    if final.exists() and any(final.iterdir()):
        return _cluster_id(folder)
    fresh = folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(final, ignore_errors=True)
    elsewhere = folder / "format.properties"
    elsewhere.write_text(properties.read_text().replace(f"log.dirs={final}", f"log.dirs={fresh}"))
    of_one = [] if cluster_id else ["--standalone"]
    cluster_id = cluster_id or new_cluster_id()
    _format(java_command, elsewhere, cluster_id, of_one)
    elsewhere.unlink()
    fresh.replace(final)
    return cluster_id


def new_cluster_id() -> str:
    """A random id in Kafka's format: 16 bytes as 22 characters, never beginning like an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _format(java_command: list[str], properties: Path, cluster_id: str, more: list[str]) -> None:
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties), *more]
    fast = [java_command[0], "-XX:TieredStopAtLevel=1", *java_command[1:]]
    done = subprocess.run([*fast, *tool], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise BrokerError(
            f"Kafka could not format its storage: {' / '.join((done.stdout + done.stderr).splitlines()[-3:])}.",
            f"Check that {properties.parent} is writable and has space, then start again.",
        )


def _cluster_id(folder: Path) -> str:
    try:
        lines = (data(folder) / "meta.properties").read_text().splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id=")).replace(
            "\\", ""
        )
    except (OSError, StopIteration):
        raise broken(folder, "meta.properties is missing or unreadable") from None


def broken(folder: Path, why: str) -> BrokerError:
    """The error for a folder that Kafka cannot start from."""
    return BrokerError(
        f"The broker's data in {data(folder)} is broken: {why}.",
        f"Move {folder} away (its topics go with it) and start again, or give another folder with --data-dir.",
    )
