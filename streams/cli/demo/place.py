"""Where a demo may run: not where profiles of real shoppers are, which simulated ones would join for good."""

from pathlib import Path

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.transport.connection import Bootstrap

MARK = "demo.made"
"""File in the data folder with the clusters whose profiles a demo began."""


async def require_place(data: Path, bootstrap: Bootstrap, topics: Topics, *, own_broker: bool, join: bool) -> None:
    """Remember the place of a demo. SetupError where there are profiles that no demo has begun, unless it may `join`.

    A cluster of one's own is known by its application and address, the embedded broker by its data folder.
    """
    name = "embedded" if own_broker else f"{topics.app_id} {bootstrap}"
    mark = data / MARK
    begun = mark.read_text(encoding="utf-8").splitlines() if mark.exists() else []
    if name in begun:
        return
    if not join and await _has_profiles(bootstrap, topics):
        where = f"The Kafka of {data}" if own_broker else f"Kafka at {bootstrap}"
        raise SetupError(
            f"{where} has profiles that no demo has made, and simulated shoppers would join them for good.",
            "Give the demo a folder of its own: liveprofile --data-dir .liveprofile-demo demo. "
            "Or let them join: --join.",
        )
    if not join:
        data.mkdir(parents=True, exist_ok=True)
        mark.write_text("".join(f"{one}\n" for one in [*begun, name]), encoding="utf-8")


async def _has_profiles(bootstrap: Bootstrap, topics: Topics) -> bool:
    async with open_reader(bootstrap) as reader:
        return any((await reader.ends(reader.places([topics.profiles]))).values())
