"""The rules in force and those before, as the service knows them."""

from functools import lru_cache
from hashlib import sha256

from liveprofile.profiles.segments.rules import RULES, RuleSet, starter
from liveprofile.streams.contract.rule_publications import RulesPublished
from liveprofile.streams.serve.rules.publisher import Publisher
from liveprofile.streams.serve.store.store import Store

DIGEST_CHARS = 12


class Rulebook:
    """By the publications that it follows; rules that no publication tells of are read from the workers' state."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store, self._publisher = store, publisher
        self._read: RuleSet | None = None

    async def in_force(self) -> RuleSet:
        """The rules that were published last. UserError or StateReadError where they have to be read and cannot be.

        Snapshots name the rules that they were made by. A name that no publication has is one of an earlier program.
        """
        label, last = self._store.profiles.rules, self._store.publications.last()
        if last is not None and (not label or label == starter().label or self.published(label)):
            return rules_of(last.toml)
        if last is None and label in ("", starter().label):
            return starter()
        if self._read is None or self._read.label != label:
            self._read = await self._publisher.in_force()
        return self._read

    def published(self, version: str) -> RulesPublished | None:
        """The last publication of a version: name@3, or 3."""
        found = reversed(self._store.publications.all())
        return next((one for one in found if version in (one.rules, one.rules.rpartition("@")[2])), None)

    def former(self, in_force: RuleSet) -> RuleSet:
        """What an undo puts in force again: the rules before the last publication, at the beginning the starter set."""
        before = [one for one in self._store.publications.all() if digest_of(one.toml) != digest(in_force)]
        return rules_of(before[-1].toml) if before else starter()

    def next_version(self, in_force: RuleSet) -> int:
        """One above all that are known."""
        known = [int(one.rules.rpartition("@")[2]) for one in self._store.publications.all()]
        return max([in_force.file.version, *known]) + 1


@lru_cache(maxsize=16)
def rules_of(text: str) -> RuleSet:
    """The rules of a file. RuleError if they are wrong."""
    return RuleSet.from_record({"what": RULES, "toml": text})


def digest_of(text: str) -> str:
    """SHA-256 of a file, in hex."""
    return sha256(text.encode()).hexdigest()


def digest(rules: RuleSet) -> str:
    """The same of rules."""
    return digest_of(text_of(rules))


def text_of(rules: RuleSet) -> str:
    """The file."""
    return str(rules.record["toml"])


def etag(rules: RuleSet) -> str:
    """What If-Match has to name.

    >>> etag(starter()).startswith('"starter@1-')
    True
    """
    return f'"{rules.label}-{digest(rules)[:DIGEST_CHARS]}"'
