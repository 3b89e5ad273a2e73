"""Publishes rules: an adoption in every partition of `activity`, which every worker obeys at that place of the log."""

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.control_record import append_control
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.outbox import DeliveryError
from liveprofile.streams.stages.learn.stage import ADOPT_KEY


async def publish(bootstrap: str, topics: Topics, rules: RuleSet, now_ms: int, dims: int) -> int:
    """Append the rules to all partitions; returns how many. UserError where that is not certain."""
    record = control_record(Kind.ADOPT, now_ms, dims, rules.record)
    try:
        reached = await append_control(bootstrap, topics, "liveprofile-segments", ADOPT_KEY, record, range)
    except (ConnectionError, DeliveryError) as error:
        raise UserError(
            f"It is not certain that the rules reached all partitions at {bootstrap}.",
            "Check --bootstrap, and publish them again: twice does no harm.",
        ) from error
    return len(reached)
