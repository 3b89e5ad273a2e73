"""Change detection for interest slots and for the intent of a session."""

import math

import numpy as np

from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import PATHS, SESSION, SLOTS, TOPICS, Row

SLOTS_PATH, INTENT_PATH = PATHS.index("interests.slots"), PATHS.index("interests.intent")
TOPIC, NUMBER, ITEM = range(3)
"""Places in `before` and `after` of a slot that closed or opened."""


@compiled
def detect_interests_apart(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Detect opened and closed slots, then the session's intent; returns the detections, and changes suppressed."""
    count, suppressed = _slots(row, rules, detections, count)
    count, late = _intent(row, rules, detections, count)
    return count, suppressed + late


@compiled
def _slots(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """Record a detection for each slot that opens or closes; all of one moment together."""
    total = 0.0
    for slot in range(SLOTS):
        total += row.slot_mass[slot]
    events = 0
    for slot in range(SLOTS):
        events += _opens(row, slot, total, rules)
        events += row.published_slots[slot] != 0 and _closes(row, row.published_slots[slot], total, rules)
    if events == 0:
        return count, 0
    if not is_due(row, SLOTS_PATH, rules.slots_interval_s):
        return count, 1
    for published in range(SLOTS):
        if row.published_slots[published] != 0 and _closes(row, row.published_slots[published], total, rules):
            count = _note_closed(row, published, total, rules, detections, count)
    for slot in range(SLOTS):
        if _opens(row, slot, total, rules):
            count = _note_opened(row, slot, total, rules, detections, count)
    return count, 0


@compiled
def _opens(row: Row, slot: int, total: float, rules: Rules) -> bool:
    mass = row.slot_mass[slot]
    enough = mass >= rules.slots_min_mass and mass >= rules.slots_enter_share * total
    return bool(enough and row.slot_topic[slot] != 0 and _published_at(row, row.slot_number[slot]) < 0)


@compiled
def _closes(row: Row, number: int, total: float, rules: Rules) -> bool:
    """A published slot closes when it is gone, or when its share is low while the total weight is still high."""
    slot = _slot_of(row, number)
    if slot < 0:
        return True
    judged = total >= rules.interests_leave_mass_factor * rules.slots_min_mass
    return bool(judged and row.slot_mass[slot] < rules.slots_exit_share * total)


@compiled
def _published_at(row: Row, number: int) -> int:
    for at in range(SLOTS):
        if row.published_slots[at] == number:
            return at
    return -1


@compiled
def _slot_of(row: Row, number: int) -> int:
    for slot in range(SLOTS):
        if row.slot_number[slot] == number:
            return slot
    return -1


@compiled
def _note_opened(row: Row, slot: int, total: float, rules: Rules, detections: Detections, count: int) -> int:
    """Publish a slot: its topic, with its number and item as signals. There is room: every published slot exists."""
    published = _published_at(row, 0)
    row.published_slots[published], row.published_slot_topic[published] = row.slot_number[slot], row.slot_topic[slot]
    detection = detections[count]
    record_detection(
        detection, SLOTS_PATH, 0, row.slot_topic[slot], rules.slots_enter_share, row.slot_mass[slot] / total
    )
    detection.before[NUMBER], detection.after[NUMBER] = 0, row.slot_number[slot]
    detection.after[ITEM] = np.int64(row.slot_item[slot])
    return count + 1


@compiled
def _note_closed(row: Row, published: int, total: float, rules: Rules, detections: Detections, count: int) -> int:
    number = row.published_slots[published]
    slot = _slot_of(row, number)
    share = row.slot_mass[slot] / total if slot >= 0 else 0.0
    detection = detections[count]
    record_detection(detection, SLOTS_PATH, row.published_slot_topic[published], 0, rules.slots_exit_share, share)
    detection.before[NUMBER] = number
    row.published_slots[published], row.published_slot_topic[published] = 0, 0
    return count + 1


@compiled
def intent_confidence(row: Row, topic: int) -> float:
    """Confidence that the session is about a topic: the geometric mean of two shares, 0 to 1.

    One is the topic's part in the session's weight, the other the length of the session's mean vector, which is 1 if
    all of its vectors point the same way.
    """
    total, own = 0.0, 0.0
    for at in range(TOPICS):
        total += row.topic_mass[SESSION][at]
        if row.topic[at] == topic:
            own = row.topic_mass[SESSION][at]
    total = max(total, row.mass[SESSION])
    square = 0
    for at in range(row.interest.shape[1]):
        square += int(row.interest[SESSION][at]) * int(row.interest[SESSION][at])
    return math.sqrt(own / total * (math.sqrt(float(square)) / 32767.0)) if total > 0.0 and topic != 0 else 0.0


@compiled
def _intent(row: Row, rules: Rules, detections: Detections, count: int) -> tuple[int, int]:
    """The leading topic of the session, if it is clear; a published topic stays until another one leads or it fades."""
    leader, largest = 0, 0.0
    for at in range(TOPICS):
        if row.topic[at] != 0 and row.topic_mass[SESSION][at] > largest:
            leader, largest = int(row.topic[at]), float(row.topic_mass[SESSION][at])
    before = int(row.published_intent)
    if row.mass[SESSION] < rules.intent_min_mass:
        return count, 0
    confidence = intent_confidence(row, leader)
    after = before
    if confidence >= rules.intent_enter:
        after = leader
    elif intent_confidence(row, before) < rules.intent_exit:
        after = 0
    if after == before:
        return count, 0
    if not is_due(row, INTENT_PATH, rules.intent_interval_s):
        return count, 1
    threshold = rules.intent_enter if after != 0 else rules.intent_exit
    observed = confidence if after != 0 else intent_confidence(row, before)
    record_detection(detections[count], INTENT_PATH, before, after, threshold, observed)
    row.published_intent = after
    return count + 1, 0
