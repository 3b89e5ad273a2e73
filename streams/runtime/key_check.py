"""The check value of the pseudonym key in the lineage topic: a process with another key is refused.

The value says nothing of the key: it is the HMAC of a fixed text under it. The first one that is noted holds; its
number grows when an operator replaces the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.lineage import Entry, write_own_entry
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.transport.connection import Bootstrap

if TYPE_CHECKING:
    from liveprofile.streams.runtime.app import RuntimeConfig
    from liveprofile.streams.runtime.outbox import KafkaOutbox

SHOWN_CHARS = 12
"""Characters of a check value in messages: enough to tell two keys apart."""


class WrongKeyError(SetupError):
    """The pseudonym key is not the one that the application's profiles were made with."""

    next_step = "Use the key of the other workers: liveprofile key check."

    def __init__(self, own: str, noted: str) -> None:
        super().__init__(
            f"this pseudonym key (check value {own[:SHOWN_CHARS]}) is not the one that the profiles were made with "
            f"({noted[:SHOWN_CHARS]}): every shopper would be another one",
            "Set LIVEPROFILE_PSEUDONYM_KEY or pseudonym_key_file to the key of the other workers; `liveprofile key "
            "check` compares them. If the key is lost, see The pseudonym key in docs/operations.md.",
        )


class NotedKey(NamedTuple):
    """The check value that is in force, and how many times the key was replaced."""

    check_value: str
    number: int


async def noted_key(bootstrap: Bootstrap, topic: str) -> NotedKey | None:
    """What the lineage topic says; None as long as no worker has noted a key. StateReadError without the topic."""
    noted: NotedKey | None = None
    async for records in read_partition(bootstrap, topic, 0):
        for key, value, _ in records:
            if key != topic.encode() or not value:
                continue
            entry = msgspec.json.decode(value, type=Entry)
            if entry.key_check and (noted is None or entry.key_number > noted.number):
                noted = NotedKey(entry.key_check, entry.key_number)
    return noted


async def require_key(outbox: KafkaOutbox, config: RuntimeConfig) -> None:
    """Note the key of a new application's first worker. WrongKeyError if another key is noted.

    A process whose stages need no key, or without a lineage topic, is let pass.

    Of two workers that note at once the first one holds; the other one restores its note, because compaction keeps the
    last.
    """
    bootstrap, topic, check_value = config.bootstrap, config.lineage_topic, config.key_check
    if not check_value or not topic:
        return
    noted = await noted_key(bootstrap, topic)
    if noted is None:
        own = NotedKey(check_value, 0)
        await _note(outbox, bootstrap, topic, own)
        noted = await noted_key(bootstrap, topic) or own
        if noted.check_value != check_value:
            await _note(outbox, bootstrap, topic, noted)
    if noted.check_value != check_value:
        raise WrongKeyError(check_value, noted.check_value)


async def replace_key(outbox: KafkaOutbox, bootstrap: Bootstrap, topic: str, check_value: str) -> None:
    """Put another key in force: all shoppers become new ones."""
    noted = await noted_key(bootstrap, topic)
    await _note(outbox, bootstrap, topic, NotedKey(check_value, noted.number + 1 if noted else 0))


async def _note(outbox: KafkaOutbox, bootstrap: Bootstrap, topic: str, noted: NotedKey) -> None:
    await write_own_entry(outbox, bootstrap, topic, key_check=noted.check_value, key_number=noted.number)
