"""Evaluates rules on all stored profiles, partition by partition."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.preview import Preview
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.generation import FIRST, adopted_generation
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError, SetupError
from liveprofile.streams.runtime.partition_fetch import StateRecord
from liveprofile.streams.runtime.partition_state import (
    NoStateTopicError,
    StateReadError,
    UnreachableStateError,
    read_partition,
)
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.connection import Bootstrap

Report = Callable[[int, Progress], None]
"""Called with the partition and its reading progress."""


async def load(bootstrap: Bootstrap, topics: Topics, policy: Policy, number: int, report: Report) -> Fold:
    """A partition as a worker would load it; nothing is written. StateReadError if it cannot be read."""
    generation = FIRST
    while True:
        fold, progress = Fold(policy, partition=number), Progress()
        read = partial(read_partition, bootstrap, topics.state_of(generation), number, progress=progress)
        async for records in batches(read()):
            fold.restore([(key, value) for key, value, _ in records if key is not None])
            report(number, progress)
        adopted = adopted_generation(fold.cursor.adopted)
        if adopted is None or adopted.generation <= generation:
            return fold
        generation = adopted.generation


async def batches(reading: AsyncIterator[list[StateRecord]]) -> AsyncIterator[list[StateRecord]]:
    """The batches of a reading; a record of another layout is also a read error.

    NoKafkaError where no Kafka answers, SetupError without the topic.
    """
    try:
        async for records in reading:
            yield records
    except UnreachableStateError as error:
        raise NoKafkaError(f"{error}.", error.next_step) from error
    except NoStateTopicError as error:
        raise SetupError(f"{error}.", error.next_step) from error
    except ValueError as error:
        raise StateReadError(str(error)) from error


async def preview(
    bootstrap: Bootstrap, topics: Topics, policy: Policy, rules: RuleSet, now_ms: int, report: Report
) -> Preview:
    """The changes that `rules` would cause now, over all profiles."""
    found = Preview()
    for number in range(topics.partitions):
        fold = await load(bootstrap, topics, policy, number, report)
        keys = fold.table.keys
        rows = fold.table.rows[fold.table.places(keys)]
        ids = [key.decode("ascii", "replace") for key in keys]
        time_ms = fold.cursor.time.past_ms or now_ms
        found.add(rows, ids, time_ms, policy.numbers[0], fold.cursor.rules, rules)
    return found
