"""Why a broker ended before it was ready, told from what it printed."""

from pathlib import Path

from liveprofile.streams.broker import storage
from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.process import RunningBroker

_BROKEN = (
    "InconsistentClusterId",
    "InconsistentBrokerMetadata",
    "CorruptRecordException",
    "meta.properties",
    "No readable",
)


def explain(folder: Path, running: RunningBroker) -> BrokerError:
    """The error to raise: a taken port, a folder in use, broken data, no memory, or the last words of the broker."""
    console = folder / "logs" / "console.log"
    said = console.read_text(errors="replace") if console.exists() else ""
    if "Address already in use" in said:
        return BrokerError(
            f"Port {running.port} or {running.controller_port} was taken while the broker started.",
            "Start again with another --port.",
            retryable=True,
        )
    if "Failed to acquire lock on file .lock" in said:
        return BrokerError(
            f"Another Kafka uses {storage.data(folder)}.", "Stop it, or give another folder with --data-dir."
        )
    if "insufficient memory" in said or "OutOfMemoryError" in said:
        return BrokerError(
            "Not enough memory for the broker's heap.", "Free some memory and start again.", retryable=True
        )
    if any(sign in said for sign in _BROKEN):
        return storage.broken(folder, _last_words(said))
    return BrokerError(f"The broker ended while starting: {_last_words(said)}.", f"Read {folder / 'logs'}.")


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith(("\t", " "))]
    return " / ".join(lines[-3:]) or "it said nothing"
