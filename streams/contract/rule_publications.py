"""Publications of rules: the records of the topic `rules`, one for each time that rules were put in force."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated

import msgspec

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.segments.rules import RuleSet

_VERSION_LINE = re.compile(r"(?m)^[ \t]*version[ \t]*=[ \t]*\d+")


class RulesPublished(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rules that were published: what, when, by whom, and in place of which."""

    rules: Annotated[str, msgspec.Meta(description="name and version, such as starter@1")]
    sha256: Annotated[str, msgspec.Meta(description="of the file")]
    time: Annotated[str, msgspec.Meta(description="by the publisher's clock, RFC 3339")]
    toml: Annotated[str, msgspec.Meta(description="the file")]
    by: Annotated[str, msgspec.Meta(description="name of the token; empty for the command line")] = ""
    replaces: Annotated[str, msgspec.Meta(description="the rules in force before, where the publisher knew")] = ""
    restores: Annotated[str, msgspec.Meta(description="the former rules that an undo put in force again")] = ""


def publication(
    rules: RuleSet, now_ms: int, *, by: str = "", replaces: str = "", restores: str = ""
) -> tuple[bytes, bytes]:
    """Key and value of the record; each publication has a key of its own, so that compaction keeps all."""
    text = str(rules.record["toml"])
    value = RulesPublished(
        rules.label, sha256(text.encode()).hexdigest(), rfc3339(now_ms), text, by, replaces, restores
    )
    return f"{rules.label}/{now_ms}".encode(), msgspec.json.encode(value)


def with_version(text: str, version: int) -> str:
    """The text of a rule file with another version; one without a version stays as it is.

    >>> with_version('name = "mine"\\nversion = 3\\n', 4)
    'name = "mine"\\nversion = 4\\n'
    """
    return _VERSION_LINE.sub(f"version = {version}", text, count=1)
