"""The loop over a batch: each activity moves its profile on, and leaves notes of what is worth saying."""

import numpy as np
import numpy.typing as npt

from profiles.anomalies import detect_anomalies
from profiles.behaviour import is_duplicate, update_behaviour
from profiles.changes import detect_changes
from profiles.compiled import compiled
from profiles.interests import long_direction, update_interests
from profiles.moment import move_time
from profiles.notes import EARLIER, MOST_PER_EVENT, Notes
from profiles.policy import Rules
from profiles.row import RECENT, Row, Rows
from profiles.spend import update_spend

APPLIED, REPLAYED, DUPLICATES, HELD_BACK = 0, 1, 2, 3
"""Places in the tally."""

Ints = npt.NDArray[np.int64]


@compiled
def take_activities(
    rows: Rows,
    touched: npt.NDArray[np.bool_],
    places: Ints,
    events: npt.NDArray[np.void],
    offsets: Ints,
    first: int,
    rules: Rules,
    prior: tuple[float, float],
    centres: npt.NDArray[np.int16],
    centre_ids: Ints,
    notes: Notes,
    directions: npt.NDArray[np.int16],
    tally: Ints,
) -> tuple[int, int]:
    """Take activities (n,) from `first` on, in order, each into its profile at `places` of `rows`.

    Stops when `notes` is nearly full. Returns the activity to go on from, and the number of notes. `directions` holds
    for each note the long-term interest of its profile at that moment; `prior` is the population's location and spread
    of orders; `tally` counts what became of the activities.
    """
    keep, fresh, count = np.empty(4), np.empty(4), 0
    for at in range(first, len(events)):
        if count + MOST_PER_EVENT > len(notes):
            return at, count
        row, event = rows[places[at]], events[at]
        if row.applied >= offsets[at]:
            tally[REPLAYED] += 1
            continue
        if is_duplicate(row, event):
            tally[DUPLICATES] += 1
            continue
        tally[APPLIED] += 1
        touched[places[at]] = True
        row.applied = offsets[at]
        before = count
        count, held = _take(row, event, rules, prior, centres, centre_ids, notes, count, keep, fresh)
        tally[HELD_BACK] += held
        for note in range(before, count):
            notes[note].event = at
            notes[note].weight = rules.action_weights[event.action]
            _note_earlier(row, event, rules, notes[note])
            long_direction(row, directions[note])
    return len(events), count


@compiled
def _take(
    row: Row,
    event: Row,
    rules: Rules,
    prior: tuple[float, float],
    centres: npt.NDArray[np.int16],
    centre_ids: Ints,
    notes: Notes,
    count: int,
    keep: npt.NDArray[np.float64],
    fresh: npt.NDArray[np.float64],
) -> tuple[int, int]:
    """One activity of one profile: time, interests, spend, behaviour, anomalies, changes, in this order."""
    pause_ms = move_time(row, event, rules, keep, fresh)
    update_interests(row, event, rules.action_weights[event.action], keep, fresh)
    spend_z, usual_order = update_spend(row, event, rules, prior[0], prior[1], keep, fresh)
    update_behaviour(row, event, pause_ms, rules, keep, fresh)
    before = count
    count, held = detect_changes(row, rules, centres, centre_ids, notes, count)
    if count > before:
        row.version += 1
        for at in range(before, count):
            notes[at].version = row.version
    return detect_anomalies(row, event, pause_ms, spend_z, usual_order, rules, notes, count), held


@compiled
def _note_earlier(row: Row, event: Row, rules: Rules, note: Row) -> None:
    """Name the newest earlier actions on the activity's topic, out of the ring."""
    found, newest = 0, row.events - 1
    for at in range(EARLIER):
        note.earlier_source[at], note.earlier_s[at] = 0, 0
    for back in range(1, min(RECENT, row.events)):
        at = (newest - back) % RECENT
        same = row.recent_topic[at] == event.category and row.recent_source[at] != event.source
        if found < EARLIER and same and row.recent_s[at] != 0:
            note.earlier_source[found], note.earlier_s[found] = row.recent_source[at], row.recent_s[at]
            note.earlier_weight[found] = rules.action_weights[row.recent_action[at]]
            found += 1
