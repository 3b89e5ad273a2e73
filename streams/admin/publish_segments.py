"""Publishes rules: an adoption in every partition of `activity`; workers apply it at its position in the log."""

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.control_record import append_control
from liveprofile.streams.admin.rule_versions import digest, remember
from liveprofile.streams.admin.topics import refuse_second
from liveprofile.streams.contract.rule_publications import publication
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import MissingTopicError, UserError
from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox
from liveprofile.streams.stages.learn.stage import ADOPT_KEY
from liveprofile.streams.transport.connection import Bootstrap

CLIENT_ID = "liveprofile-segments"
CREATE = "Create it: liveprofile topics create."


async def publish(bootstrap: Bootstrap, topics: Topics, rules: RuleSet, now_ms: int, dims: int, replaces: str) -> int:
    """Note the publication on the topic `rules`, and put the rules in force; returns the number of partitions.

    `replaces` is the label of the rules in force. UserError if the result is unknown.
    """
    key, value = publication(rules, now_ms, replaces=replaces)
    try:
        async with KafkaOutbox(bootstrap, client_id=CLIENT_ID) as outbox:
            if not (await outbox.partition_counts([topics.rules]))[topics.rules]:
                raise MissingTopicError([topics.rules], f"There is no topic {topics.rules}.", CREATE)
            await outbox.send(topics.rules, 0, [(key, value, ())])
    except DeliveryError as error:
        raise _unknown(bootstrap) from error
    return await adopt(bootstrap, topics, rules, now_ms, dims)


async def adopt(bootstrap: Bootstrap, topics: Topics, rules: RuleSet, now_ms: int, dims: int) -> int:
    """Append the rules to all partitions; returns their number. UserError if the result is unknown.

    The caller has checked that the version has no other content, see `rule_versions`, and has noted the publication.
    The digest is noted first: from then on the version has this one, even if the rules do not reach the partitions.
    """
    record = control_record(Kind.ADOPT, now_ms, dims, {**rules.record, "sha256": digest(rules)})
    await refuse_second(bootstrap, topics)
    try:
        async with KafkaOutbox(bootstrap, client_id=CLIENT_ID) as outbox:
            if await outbox.identify(topics.lineage):
                await remember(outbox, bootstrap, topics, rules)
        reached = await append_control(bootstrap, topics, CLIENT_ID, ADOPT_KEY, record, range)
    except DeliveryError as error:
        raise _unknown(bootstrap) from error
    return len(reached)


def _unknown(bootstrap: Bootstrap) -> UserError:
    return UserError(
        f"It is unknown whether the rules reached all partitions at {bootstrap}.",
        "Check --bootstrap, and publish them again: a repetition does no harm.",
    )
