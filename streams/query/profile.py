"""Finds one profile's snapshot on the compacted `profiles` topic, and its last published changes."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from liveprofile.profiles.state.codec import decode_rows
from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoProfileError, UserError
from liveprofile.streams.query.reader import ID_LENGTH, Reader, places_of

LAST_CHANGES = 20_000
"""Number of a partition's last changes that are searched."""
_HEX = re.compile(r"[0-9a-f]{1,32}")


async def find(reader: Reader, topics: Topics, wanted: str) -> dict[str, Any]:
    """The latest snapshot of the profile with an id that starts with `wanted`. UserError for none or several."""
    snapshot: dict[str, Any] = orjson.loads(await find_value(reader, topics, wanted))
    return snapshot


async def find_value(reader: Reader, topics: Topics, wanted: str) -> bytes:
    """The same as the bytes on the topic."""
    prefix = _checked(wanted)
    places = places_of(reader, topics.profiles, prefix)
    found: dict[bytes, ConsumerRecord] = {}
    async for records in reader.read_to_end(places):
        found.update((record.key, record) for record in records if record.key and record.key.startswith(prefix))
    alive = {key: record for key, record in found.items() if record.value is not None}
    if len(alive) == 1:
        return bytes(next(iter(alive.values())).value)
    if alive:
        raise UserError(f"{len(alive)} profiles start with {wanted}: {_some(alive)}.", "Give more of the id.")
    if found:
        raise UserError(f"The profile {wanted} was erased.", "Nothing of it is left to show.")
    raise NoProfileError(
        f"No profile starts with {wanted}.",
        "`liveprofile watch changes --from start` shows ids; a new profile's snapshot appears within seconds.",
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """What the state topic has of a profile."""

    erased_ms: int
    """When it was erased, epoch milliseconds; 0 if it was not."""


async def stored(reader: Reader, topics: Topics, profile_id: str, dims: int) -> Stored | None:
    """The profile in the state topic, or its stub; None for an id that has neither.

    Of several generations of the state, the first that has the profile is read: a generation that was left has none.
    """
    key, stub, generation = profile_id.encode(), b"", FIRST
    while not stub and reader.has(topic := topics.state_of(generation)):
        async for records in reader.read_to_end(places_of(reader, topic, key)):
            stub = next((record.value for record in reversed(records) if record.key == key), stub) or b""
        generation += 1
    return Stored(int(decode_rows([stub], dims)["erased_ms"][0])) if stub else None


async def erased_ms(reader: Reader, topics: Topics, profile_id: str, dims: int) -> int:
    """When a profile was erased, epoch milliseconds; 0 if it was not. The stub in the state topic keeps this time."""
    found = await stored(reader, topics, profile_id, dims)
    return found.erased_ms if found else 0


async def last_published(reader: Reader, topics: Topics, profile_id: str, most: int = 5) -> list[ConsumerRecord]:
    """The last published changes of a profile, newest first, among the topic's recent records."""
    key = profile_id.encode()
    published: list[ConsumerRecord] = []
    async for records in reader.read_to_end(places_of(reader, topics.profile_changes, key), last=LAST_CHANGES):
        published = [*published, *(record for record in records if record.key == key)][-most:]
    return published[::-1]


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
