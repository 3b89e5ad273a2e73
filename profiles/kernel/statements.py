"""Statements: the attributes that a person declared or corrected last, with the time of each statement.

Of two statements about one attribute the one with the later time counts, in any order of arrival. An attribute that was
withdrawn keeps its place without a value, so that an older statement cannot restore it.
"""

import numpy as np

from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action, digest32
from liveprofile.profiles.state.row import DECLARED, Row

CORRECT, DECLARE = int(Action.CORRECT), int(Action.DECLARE)
DECLARED_SO, CORRECTED_SO = 1, 2
"""Kinds of statements: declared, or corrected against an inferred value. A correction lasts."""
NOWHERE = -1
PRICE_FOCUS, DAYPART, SHOPPING_DAYS = map(digest32, ("price_focus", "daypart", "shopping_days"))
"""Attributes that are also inferred: a correction suppresses the paths price.band, hours and days."""


@compiled
def is_statement(event: Row) -> bool:
    """Whether the activity states an attribute."""
    return bool((event.action == DECLARE or event.action == CORRECT) and event.subject != 0)


@compiled
def declare(row: Row, event: Row) -> tuple[bool, int, int]:
    """Apply a statement; returns whether it changes anything, the value before (0 for none), and the kind now."""
    at_s, place = epoch_s(event.event_time_ms), _place_of(row, event.subject)
    if place == NOWHERE:
        place = _oldest(row)
        if row.declared_how[place] != 0 and row.declared_s[place] > at_s:
            return False, 0, 0
        row.declared[place][0], row.declared[place][1] = event.subject, 0
        row.declared_how[place] = 0
    elif row.declared_s[place] > at_s:
        return False, 0, 0
    before, how = int(row.declared[place][1]), int(row.declared_how[place])
    now = max(how, CORRECTED_SO if event.action == CORRECT else DECLARED_SO)
    row.declared[place][1], row.declared_s[place], row.declared_how[place] = event.value, at_s, now
    return before != event.value or (now == CORRECTED_SO and how != now), before, now


@compiled
def is_corrected(row: Row, attribute: int) -> bool:
    """Whether the person corrected an inferred attribute, and has not withdrawn the correction."""
    place = _place_of(row, attribute)
    return bool(place != NOWHERE and row.declared_how[place] == CORRECTED_SO and row.declared[place][1] != 0)


@compiled
def _place_of(row: Row, attribute: int) -> int:
    for at in range(DECLARED):
        if row.declared_how[at] != 0 and row.declared[at][0] == attribute:
            return at
    return NOWHERE


@compiled
def _oldest(row: Row) -> int:
    """A free place, or that of the attribute stated longest ago."""
    place = 0
    for at in range(DECLARED):
        if row.declared_how[at] == 0:
            return at
        if row.declared_s[at] < row.declared_s[place]:
            place = at
    return place


def statements(row: np.void) -> list[tuple[int, int, int, int]]:
    """Attribute, value, epoch seconds and kind of each present statement; the newest first."""
    kept: list[tuple[int, int, int, int]] = [
        (int(row["declared"][at][0]), int(row["declared"][at][1]), int(row["declared_s"][at]), int(how))
        for at, how in enumerate(row["declared_how"].tolist())
        if how and row["declared"][at][1]
    ]
    return sorted(kept, key=lambda one: (-one[2], one[0]))
