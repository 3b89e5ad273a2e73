"""Versions of rules: one name and version has one content, known by its digest, for good."""

import difflib
from collections.abc import Sequence
from hashlib import sha256

from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import DataError
from liveprofile.streams.runtime.key_check import noted_key
from liveprofile.streams.runtime.lineage import read_entries, write_own_entry
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import NoStateTopicError
from liveprofile.streams.transport.connection import Bootstrap

SHOWN_CHARS = 12
"""Characters of a digest in messages."""
CONTEXT_LINES = 1


class OtherContentError(DataError):
    """The name and version were published with other content."""

    next_step = "Count `version` up in the file, and publish that."

    def __init__(self, rules: RuleSet, published: str, diff: Sequence[str]) -> None:
        super().__init__(
            f"{rules.label} was published with other content (sha256 {published[:SHOWN_CHARS]}, this file has "
            f"{digest(rules)[:SHOWN_CHARS]}): facts name their rules by it, so it cannot mean two things",
            f"Set version = {rules.file.version + 1} or higher in the file, and publish that.",
        )
        self.diff = tuple(diff)
        """Unified, from the published file to this one; empty where the published file is not known any more."""


def digest(rules: RuleSet) -> str:
    """SHA-256 of the file, in hex: what the name and version stand for."""
    return sha256(str(rules.record["toml"]).encode()).hexdigest()


def shown(rules: RuleSet) -> str:
    """Name, version and digest for people.

    >>> shown(starter()).startswith("starter@1 (sha256 ")
    True
    """
    return f"{rules.label} (sha256 {digest(rules)[:SHOWN_CHARS]})"


async def require_one_content(bootstrap: Bootstrap, topics: Topics, rules: RuleSet, in_force: RuleSet) -> None:
    """OtherContentError if the name and version of `rules` stand for another content already.

    Known are the rules in force, the starter set, and all digests that the lineage topic remembers.
    """
    for known in (in_force, starter()):
        if known.label == rules.label and digest(known) != digest(rules):
            raise OtherContentError(rules, digest(known), _diff(known, rules))
    published = (await _remembered(bootstrap, topics)).get(rules.label, "")
    if published and published != digest(rules):
        raise OtherContentError(rules, published, ())


async def remember(outbox: KafkaOutbox, bootstrap: Bootstrap, topics: Topics, rules: RuleSet) -> None:
    """Note the digest of rules that are about to be published, beside the check value of the key."""
    published = await _remembered(bootstrap, topics)
    if published.get(rules.label) == digest(rules):
        return
    noted = await noted_key(bootstrap, topics.lineage)
    key = {"key_check": noted.check_value, "key_number": noted.number} if noted else {}
    digests = {**published, rules.label: digest(rules)}
    await write_own_entry(outbox, bootstrap, topics.lineage, rules=digests, **key)


async def _remembered(bootstrap: Bootstrap, topics: Topics) -> dict[str, str]:
    """Digests of published rules by name and version."""
    try:
        entry = (await read_entries(bootstrap, topics.lineage)).get(topics.lineage)
    except NoStateTopicError:
        return {}
    return dict(entry.rules) if entry else {}


def _diff(before: RuleSet, after: RuleSet) -> list[str]:
    return list(
        difflib.unified_diff(
            str(before.record["toml"]).splitlines(),
            str(after.record["toml"]).splitlines(),
            f"{before.label} as published",
            f"{after.label} in the file",
            lineterm="",
            n=CONTEXT_LINES,
        )
    )
