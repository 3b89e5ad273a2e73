"""Active hours: the part of the day that holds most of a shopper's activity."""

from dataclasses import dataclass

from liveprofile.profiles.numeric.aliases import Row, Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.local_time import local_ms
from liveprofile.profiles.numeric.quantised_mean import pattern_of, shift_shares
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.records.sections import Section, setting
from liveprofile.profiles.records.vocabulary import LONG, PARTS_OF_DAY
from liveprofile.profiles.traits.trait import STATIC, Feature, Field, Judged, Moment, Trait, Why

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
FIRST_DAY = 3
"""1970-01-01 was a Thursday: its place in a week that begins on Monday."""
PARTS = len(PARTS_OF_DAY)
HOURS_A_PART = 24 // PARTS


@dataclass(frozen=True)
class HoursSettings(Section):
    """When a part of the day is published."""

    enter_share: float = setting(0.5, "Share of activity in one part of the day at which it is published.")
    exit_share: float = setting(0.35, "Share below which the published part of the day is withdrawn.")
    min_mass: float = setting(50.0, "Minimum decayed number of events before a part of the day is published.")
    min_days: float = setting(3.0, "Minimum days since the first activity before a part of the day is published.")
    interval_s: float = setting(86400.0, "Minimum time between two changes of the part of the day, seconds.")


@compiled
def update_active_times(row: Row, event: Row, moment: Moment) -> None:
    """Shares of local hours of the day and days of the week are means of one-hot vectors of one mass.

    Only the first line of an order counts: an order is one event, however many lines it has.
    """
    if event.line != 0:
        return
    mass = row.hours_mass * moment.state_decay[LONG] + moment.event_decay[LONG]
    row.hours_mass = mass
    pattern, hours = pattern_of(event.source), local_ms(event.event_time_ms, moment.context.utc_offsets) // HOUR_MS
    shift_shares(row.hours, int(hours % 24), moment.event_decay[LONG] / mass, pattern)
    shift_shares(row.days, int((hours // 24 + FIRST_DAY) % 7), moment.event_decay[LONG] / mass, pattern + 24)


@compiled
def judge_hours(row: Row, before: int, rules: Rules) -> tuple[int, float, float]:
    """The part now, the bound that was crossed, and the observed share; a clearer part replaces the published one."""
    best, largest, published_share = 0, 0, 0
    for part in range(PARTS):
        share = 0
        for hour in range(part * HOURS_A_PART, (part + 1) * HOURS_A_PART):
            share += int(row.hours[hour])
        if share > largest:
            best, largest = part + 1, share
        if part + 1 == before:
            published_share = share
    after = 0
    known = row.hours_mass >= rules.hours_min_mass and row.seen_ms - row.first_ms >= rules.hours_min_days * DAY_MS
    moves = best == before or largest >= published_share * rules.interests_incumbent_factor
    if known and moves and largest >= rules.hours_enter_share * VECTOR_ONE:
        after = best
    elif before > 0 and published_share >= rules.hours_exit_share * VECTOR_ONE:
        after = before
    bound = rules.hours_enter_share if after > 0 else rules.hours_exit_share
    return after, bound, (largest if after > 0 else published_share) / VECTOR_ONE


_COMPARED = "{observed:percent} of the activity, threshold {threshold:percent}."
"""How messages end."""

ACTIVE_HOURS = Trait(
    name="active_hours",
    path="hours",
    meaning="The part of the day, in the shop's time zone, that holds most of the activity.",
    state=(
        Field("hours", "<i2", "shares of activity by local hour of the day, VECTOR_ONE is all of it", (24,)),
        Field("hours_mass", "<f4", "decayed number of events"),
        Field("published_part_of_day", "u1", "part of the day + 1; 0 for none"),
    ),
    update=update_active_times,
    published="published_part_of_day",
    settings="hours",
    bands=Judged(PARTS_OF_DAY, judge_hours),
    corrected_by="daypart",
    rule="part-of-day@1",
    reasons=(
        Why(
            "ACTIVE_HOURS_FOUND",
            when="present",
            meaning="One part of the day holds most of the activity.",
            template="Active hours are now {after}{previously}: " + _COMPARED,
            sample=(None, "evening", 0.56, 0.5),
        ),
        Why(
            "ACTIVE_HOURS_LOST",
            when="lost",
            meaning="The published part of the day no longer stands out.",
            template="Active hours are no longer {before}: " + _COMPARED,
            sample=("evening", None, 0.33, 0.35),
        ),
    ),
    features=(
        Feature(
            "daypart",
            STATIC,
            "name",
            "The published part of the day, in the shop's time zone.",
            values=("none", *PARTS_OF_DAY),
            read="published_part_of_day",
        ),
    ),
)
