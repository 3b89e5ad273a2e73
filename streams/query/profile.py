"""Finds one profile's snapshot on the compacted `profiles` topic, and its last published changes."""

import re
from typing import Any

import orjson
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.query.reader import Reader

ID_LENGTH = 32
LAST_CHANGES = 20_000
"""Number of a partition's last changes that are searched."""
_HEX = re.compile(r"[0-9a-f]{1,32}")


class NoProfileError(UserError):
    """No profile has such an id."""


async def find(reader: Reader, topics: Topics, wanted: str) -> dict[str, Any]:
    """The latest snapshot of the profile with an id that starts with `wanted`. UserError for none or several."""
    prefix = _checked(wanted)
    places = places_of(reader, topics.profiles, prefix)
    found: dict[bytes, ConsumerRecord] = {}
    async for records in reader.read_to_end(places):
        found.update((record.key, record) for record in records if record.key and record.key.startswith(prefix))
    alive = {key: record for key, record in found.items() if record.value is not None}
    if len(alive) == 1:
        snapshot: dict[str, Any] = orjson.loads(next(iter(alive.values())).value)
        return snapshot
    if alive:
        raise UserError(f"{len(alive)} profiles start with {wanted}: {_some(alive)}.", "Give more of the id.")
    if found:
        raise UserError(f"The profile {wanted} was erased.", "Nothing of it is left to show.")
    raise NoProfileError(
        f"No profile starts with {wanted}.",
        "`liveprofile watch changes --from start` shows ids; a new profile's snapshot appears within seconds.",
    )


async def erased_ms(reader: Reader, topics: Topics, profile_id: str, dims: int) -> int:
    """When a profile was erased, epoch milliseconds; 0 if it was not. The stub in the state topic keeps this time."""
    key, stub = profile_id.encode(), b""
    async for records in reader.read_to_end(places_of(reader, topics.state, key)):
        stub = next((record.value for record in reversed(records) if record.key == key), stub) or b""
    return int(decode_rows([stub], dims)["erased_ms"][0]) if stub else 0


async def last_published(reader: Reader, topics: Topics, profile_id: str, most: int = 5) -> list[ConsumerRecord]:
    """The last published changes of a profile, newest first, among the topic's recent records."""
    key = profile_id.encode()
    published: list[ConsumerRecord] = []
    async for records in reader.read_to_end(places_of(reader, topics.profile_changes, key), last=LAST_CHANGES):
        published = [*published, *(record for record in records if record.key == key)][-most:]
    return published[::-1]


def places_of(reader: Reader, topic: str, key: bytes) -> list[TopicPartition]:
    """The partition of a complete profile id; all partitions for the start of an id."""
    places = reader.places([topic])
    if len(key) < ID_LENGTH:
        return places
    numbers = [place.partition for place in places]
    return [TopicPartition(topic, DefaultPartitioner()(key, numbers, numbers))]


def _checked(wanted: str) -> bytes:
    """The start of an id as in keys."""
    prefix = wanted.strip().lower().rstrip("…")
    if not _HEX.fullmatch(prefix):
        raise UserError(
            f"{wanted!r} is not the start of a profile id: those are up to {ID_LENGTH} hex digits.",
            "For a shop's own user id use --user.",
        )
    return prefix.encode()


def _some(records: dict[bytes, Any], most: int = 4) -> str:
    """A few ids, shortened."""
    shown = ", ".join(key.decode()[:12] for key in sorted(records)[:most])
    return shown + (", …" if len(records) > most else "")
