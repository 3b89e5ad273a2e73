"""Judges the text of a rule file: the rules, or what is wrong with them, and at which rule."""

import re
from dataclasses import dataclass

from liveprofile.profiles.segments.expressions import RuleError
from liveprofile.profiles.segments.lint import problems
from liveprofile.profiles.segments.rules import RULES, RuleSet

_RULE = re.compile(r"\[\[(?:segment|lifecycle)\]\] ([a-z0-9-]+)")
_LINE = re.compile(r"at (?:line (\d+)|end of document)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a rule file."""

    rule: str
    """Name of the rule; empty where it is the file."""
    text: str
    line: int | None
    """Where the rule stands in the file, from 1; None where that is not known."""

    @property
    def words(self) -> str:
        """As the command line says it."""
        return f"{self.rule}: {self.text}" if self.rule and not self.text.startswith("[[") else self.text


def judged(text: str) -> tuple[RuleSet | None, list[Fault]]:
    """The rules of a file, None where they cannot be read; and what is wrong with them."""
    try:
        rules = RuleSet.from_record({"what": RULES, "toml": text})
    except RuleError as error:
        return None, [_fault(str(error), text)]
    return rules, [Fault(name, what, _line_of(name, text)) for name, what in problems(rules)]


def _fault(message: str, text: str) -> Fault:
    named, at = _RULE.match(message), _LINE.search(message)
    rule = named[1] if named else ""
    if rule or at is None:
        return Fault(rule, message, _line_of(rule, text))
    return Fault(rule, message, int(at[1]) if at[1] else len(text.splitlines()))


def _line_of(rule: str, text: str) -> int | None:
    """The line on which a rule has its name."""
    wanted = re.compile(rf"""\s*name\s*=\s*["']{re.escape(rule)}["']""")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if wanted.match(line)), None) if rule else None
