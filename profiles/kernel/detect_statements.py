"""Publishes an attribute that a person states at once, and withdraws the inferred value that it corrects."""

from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.statements import declare, is_corrected, is_statement
from liveprofile.profiles.kernel.trait_calls import withdraw
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import PATHS, Row

DECLARED_PATH = PATHS.index("declared")
WITHDRAWN_BY, BY_THE_PERSON = 1, 1
"""Place and value in a detection's `after`: the band is withdrawn because the person corrected it."""
ATTRIBUTE, STATED, HOW = range(3)
"""Places in the `before` and `after` of a statement: the attribute, its value, whether it was declared or corrected."""


@compiled
def detect_declared(row: Row, event: Row, detections: Detections, count: int) -> int:
    """Apply the activity if it is a statement; returns the number of detections; `messages` reads their numbers."""
    if not is_statement(event):
        return count
    changed, before, how = declare(row, event)
    if not changed:
        return count
    detection = detections[count]
    record_detection(detection, DECLARED_PATH, event.subject, event.subject, 0.0, 0.0)
    detection.before[STATED], detection.after[STATED], detection.after[HOW] = before, event.value, how
    count += 1
    if is_corrected(row, event.subject):
        before_withdrawal = count
        count = withdraw(row, event.subject, detections, count)
        if count > before_withdrawal:
            detections[before_withdrawal].after[WITHDRAWN_BY] = BY_THE_PERSON
    return count
