"""Checks an application's topics: whether all are there, in their shape, the same as before, and its own."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from liveprofile.streams.admin.accept_topic import Step, compare
from liveprofile.streams.admin.topics import list_topics, refuse_second, topic_faults
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.topic_shape import Fault
from liveprofile.streams.transport.connection import Bootstrap


@dataclass(frozen=True, slots=True)
class TopicState:
    """What was found of one topic."""

    name: str
    state: Literal["unchanged", "new", "missing", "replaced", "partitions"]
    """`unchanged` since profiles were made from it; `new`: nothing was made from it yet, or nothing ever is."""
    words: str
    partitions: int | None
    wanted: int

    @property
    def is_fine(self) -> bool:
        return self.state in ("unchanged", "new")


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a check."""

    topics: tuple[TopicState, ...]
    faults: tuple[Fault, ...]
    """Configuration with which profiles are not safe."""
    refusal: SetupError | None
    """Why no worker of this application would begin on the topics: they belong to another one."""

    @property
    def is_fine(self) -> bool:
        return not self.faults and self.refusal is None and all(topic.is_fine for topic in self.topics)

    @property
    def missing(self) -> list[str]:
        """Names of missing topics."""
        return [topic.name for topic in self.topics if topic.state == "missing"]


async def check_topics(bootstrap: Bootstrap, topics: Topics, max_record_bytes: int) -> Checked:
    """Look at every topic of the application; nothing is changed. NoKafkaError where no Kafka answers."""
    steps = {step.topic: step for step in await compare(bootstrap, topics)}
    real, faults, refusal = await asyncio.gather(
        list_topics(bootstrap, topics), topic_faults(bootstrap, topics, max_record_bytes), _refusal(bootstrap, topics)
    )
    states = [_state(topic, real[topic.name], steps.pop(topic.name, None)) for topic in topics.all()]
    later = [_of_a_rebuild(step, topics.partitions) for step in steps.values()]
    return Checked((*states, *later), tuple(faults), refusal)


async def _refusal(bootstrap: Bootstrap, topics: Topics) -> SetupError | None:
    try:
        await refuse_second(bootstrap, topics)
    except SetupError as error:
        return error
    return None


def _state(topic: Topic, count: int | None, step: Step | None) -> TopicState:
    """A topic by what exists and what the lineage remembers. Inputs may have any number of partitions."""
    if step is not None and step.difference and count is not None:
        return TopicState(topic.name, "replaced", step.difference, count, topic.partitions)
    if count is None:
        words = "missing" if step is None or not step.difference else f"missing: {step.difference}"
        return TopicState(topic.name, "missing", words, None, topic.partitions)
    if count != topic.partitions and not topic.is_input:
        words = f"has {count} partitions instead of {topic.partitions}"
        return TopicState(topic.name, "partitions", words, count, topic.partitions)
    known = step is not None and step.is_known
    return TopicState(topic.name, "unchanged" if known else "new", "unchanged" if known else "there", count, count)


def _of_a_rebuild(step: Step, partitions: int) -> TopicState:
    """A later generation of the state, which only the lineage names."""
    state: Literal["replaced", "unchanged"] = "replaced" if step.difference else "unchanged"
    return TopicState(step.topic, state, step.difference or "unchanged", partitions, partitions)
