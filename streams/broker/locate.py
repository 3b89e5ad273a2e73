"""Finds the Kafka of a command: the given one, else the embedded broker of the data folder."""

from pathlib import Path

from liveprofile.streams.broker.broker import Broker
from liveprofile.streams.broker.security.secured import files_of
from liveprofile.streams.errors import NoKafkaError, UserError


def broker_folder(data_dir: Path) -> Path:
    """The folder of a data folder's embedded broker."""
    return data_dir / "broker"


def is_embedded(bootstrap: str, data_dir: Path) -> bool:
    """Whether an address is that of the data folder's embedded broker; an empty one always is."""
    running = Broker(broker_folder(data_dir)).running() if bootstrap else None
    return not bootstrap or (running is not None and running.bootstrap == bootstrap)


def find_bootstrap(given: str, data_dir: Path, *, encrypted: bool = False) -> str:
    """`given`, or else the address of the running embedded broker; NoKafkaError if there is none.

    UserError if that broker is secured and the settings are not for it: its users have settings files.
    """
    if given:
        return given
    running = Broker(broker_folder(data_dir)).running()
    if running is None:
        raise NoKafkaError(
            f"No embedded broker runs in {broker_folder(data_dir)}, and no other Kafka was given.",
            "Run `liveprofile broker start`, or name a Kafka with --bootstrap HOST:PORT.",
        )
    if running.mechanism and not encrypted:
        files = files_of(broker_folder(data_dir))
        raise UserError(
            f"The embedded broker in {broker_folder(data_dir)} is secured by {running.mechanism}, and the settings "
            "name no user of it.",
            f"Give the settings of a user: --config {files / 'USER.toml'}, where USER is a role, such as reader.",
        )
    return running.bootstrap
