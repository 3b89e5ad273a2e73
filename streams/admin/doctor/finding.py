"""A finding: one check's answer, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended; the worst one counts."""

    OK = "ok"
    SKIPPED = "skipped"
    """Nothing could be seen, and the words say why."""
    WARN = "warn"
    """It works now, and may not later."""
    FAIL = "fail"
    """A worker does not start like this, or loses or mixes up records."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer."""

    check: str
    looked_at: str
    """What was read for it."""
    status: Status
    words: str
    """What was found, with the value and the limit."""
    next_step: str = ""
    """What to do, with the command; empty where there is nothing to do."""


class Answers:
    """Makes the findings of one check."""

    def __init__(self, check: str, looked_at: str) -> None:
        self._check = check
        self._looked_at = looked_at

    def ok(self, words: str) -> Finding:
        """All is as it must be."""
        return Finding(self._check, self._looked_at, Status.OK, words)

    def skipped(self, words: str, next_step: str = "") -> Finding:
        """It could not be seen."""
        return Finding(self._check, self._looked_at, Status.SKIPPED, words, next_step)

    def warn(self, words: str, next_step: str) -> Finding:
        """It works now."""
        return Finding(self._check, self._looked_at, Status.WARN, words, next_step)

    def fail(self, words: str, next_step: str) -> Finding:
        """It does not work."""
        return Finding(self._check, self._looked_at, Status.FAIL, words, next_step)
