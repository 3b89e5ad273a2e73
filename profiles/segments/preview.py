"""Preview of edited rules: the profiles that would enter or leave a segment, or change lifecycle state."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from liveprofile.profiles.kernel.context import CompiledRules
from liveprofile.profiles.kernel.detections import DETECTION, MOST_PER_EVENT, Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.segments.judge import judge_segments
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.row import Rows

EXAMPLES = 5
"""Maximum number of profile ids named for each step."""


@dataclass(slots=True)
class Step:
    """The effect on the members of one segment, or of one lifecycle state."""

    stay: int = 0
    enter: int = 0
    leave: int = 0
    entering: list[str] = field(default_factory=list)
    """Some of them."""
    leaving: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """The effect of new rules on the profiles seen so far."""

    profiles: int = 0
    segments: dict[str, Step] = field(default_factory=dict)
    states: dict[str, Step] = field(default_factory=dict)

    def add(
        self, rows: Rows, profile_ids: Sequence[str], now_ms: int, rules: Rules, old: RuleSet, new: RuleSet
    ) -> None:
        """Judge profiles by the rules in force and by the new ones, both as of `now_ms`, and compare."""
        alive = (rows["events"] != 0) & (rows["erased_ms"] == 0)
        ids = [one for one, lives in zip(profile_ids, alive.tolist(), strict=True) if lives]
        before, detections = rows[alive].copy(), np.zeros(MOST_PER_EVENT, DETECTION)
        _judge_all(before, now_ms, rules, old.compiled_rules, detections)
        after, following = before.copy(), new.following(old, now_ms)
        _judge_all(after, now_ms, rules, following.compiled_rules, detections)
        self.profiles += len(ids)
        columns = (before["member"], after["member"], before["lifecycle"], after["lifecycle"])
        for profile_id, was, will, state, then in zip(ids, *(column.tolist() for column in columns), strict=True):
            _count(self.segments, profile_id, old.segment_names(was), following.segment_names(will))
            _count(self.states, profile_id, _known(old.state_name(state)), _known(following.state_name(then)))

    def totals(self) -> Counter[str]:
        """Numbers of memberships that would stay, begin and end."""
        steps = self.segments.values()
        return Counter(
            stay=sum(one.stay for one in steps),
            enter=sum(one.enter for one in steps),
            leave=sum(one.leave for one in steps),
        )


def _known(name: str | None) -> list[str]:
    return [name] if name else []


def _count(steps: dict[str, Step], profile_id: str, before: Iterable[str], after: Iterable[str]) -> None:
    for name in {*before, *after}:
        step = steps.setdefault(name, Step())
        if name in before and name in after:
            step.stay += 1
        elif name in after:
            step.enter += 1
            step.entering += [profile_id] if len(step.entering) < EXAMPLES else []
        else:
            step.leave += 1
            step.leaving += [profile_id] if len(step.leaving) < EXAMPLES else []


@compiled
def _judge_all(rows: Rows, now_ms: int, rules: Rules, compiled_rules: CompiledRules, detections: Detections) -> None:
    """Judge rows (n,) at `now_ms`, or as of their newest activity if that is later."""
    for at in range(len(rows)):
        row = rows[at]
        judge_segments(row, max(now_ms, row.seen_ms, row.judged_ms), rules, compiled_rules, detections, 0)
