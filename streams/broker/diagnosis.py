"""Finds out from its output why a broker ended before it was ready."""

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
    """The error to raise: a taken port, a folder in use, broken data, no memory, or the broker's last output."""
    console = folder / "logs" / "console.log"
    output = console.read_text(errors="replace") if console.exists() else ""
    if "Address already in use" in output:
        return BrokerError(
            f"Port {running.port} or {running.controller_port} was taken while the broker started.",
            "Start again with another --port.",
            retryable=True,
        )
    if "Failed to acquire lock on file .lock" in output:
        return BrokerError(
            f"Another Kafka uses {storage.data(folder)}.", "Stop it, or give another folder with --data-dir."
        )
    if "insufficient memory" in output or "OutOfMemoryError" in output:
        return BrokerError(
            "Not enough memory for the broker's heap.", "Free some memory and start again.", retryable=True
        )
    if any(sign in output for sign in _BROKEN):
        return storage.broken(folder, _last_words(output))
    return BrokerError(f"The broker ended while starting: {_last_words(output)}.", f"Read {folder / 'logs'}.")


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith(("\t", " "))]
    return " / ".join(lines[-3:]) or "it printed nothing"
