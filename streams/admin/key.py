"""Compares the pseudonym key with the one that an application's profiles were made with, and replaces that."""

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.key_check import WrongKeyError, noted_key, replace_key
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import NoStateTopicError, UnreachableStateError
from liveprofile.streams.transport.connection import Bootstrap, no_kafka


async def noted_check_value(bootstrap: Bootstrap, topics: Topics) -> str:
    """The check value of the key in force; empty as long as none is noted. NoKafkaError if none answers."""
    try:
        noted = await noted_key(bootstrap, topics.lineage)
    except UnreachableStateError as error:
        raise no_kafka(bootstrap, "Check --bootstrap.") from error
    except NoStateTopicError:
        return ""
    return noted.check_value if noted else ""


async def require_noted(bootstrap: Bootstrap, topics: Topics, check_value: str) -> None:
    """WrongKeyError if another key is in force."""
    noted = await noted_check_value(bootstrap, topics)
    if noted and noted != check_value:
        raise WrongKeyError(check_value, noted)


async def replace(bootstrap: Bootstrap, topics: Topics, check_value: str) -> None:
    """Put this key in force."""
    async with KafkaOutbox(bootstrap, client_id="liveprofile-key") as outbox:
        await replace_key(outbox, bootstrap, topics.lineage, check_value)
