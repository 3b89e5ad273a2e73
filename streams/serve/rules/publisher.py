"""Puts rules in force on Kafka."""

from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.publish_segments import adopt
from liveprofile.streams.admin.rule_versions import require_one_content
from liveprofile.streams.admin.rules_in_force import rules_in_force
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.transport.connection import Bootstrap


class Publisher:
    """What the command line does when it publishes, for the service. Its user needs the rights of the role admin."""

    def __init__(self, bootstrap: Bootstrap, topics: Topics, dims: int) -> None:
        self._bootstrap, self._topics, self._dims = bootstrap, topics, dims

    async def in_force(self) -> RuleSet:
        """The rules by the workers' state: it reads a partition of it. UserError, StateReadError."""
        return await rules_in_force(self._bootstrap, self._topics)

    async def require_one_content(self, rules: RuleSet, in_force: RuleSet) -> None:
        """OtherContentError if name and version stand for another content already."""
        await require_one_content(self._bootstrap, self._topics, rules, in_force)

    async def adopt(self, rules: RuleSet, now_ms: int) -> int:
        """Append the rules to all partitions of `activity`; returns their number. UserError if that is not known."""
        return await adopt(self._bootstrap, self._topics, rules, now_ms, self._dims)
