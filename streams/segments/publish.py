"""Publishes rules: an adoption in every partition of `activity`, which every worker obeys at that place of the log."""

from profiles.activity import Kind, control_record
from profiles.segments.rules import RuleSet
from streams.control import append_control
from streams.errors import UserError
from streams.learn.stage import ADOPT_KEY
from streams.runtime.outbox import DeliveryError
from streams.topics import Topics


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
