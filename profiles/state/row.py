"""The profile's row: one fixed layout that is at once the state in memory, its bytes on Kafka and its canonical form.

A partition's profiles are rows of one structured array, so that compiled code works on a whole batch of shoppers.
Decayed quantities are as of `seen_ms`; texts are 32-bit digests (see `names`). `state_record` draws a row as bytes.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.activity import Action

SCALES = ("session", "short", "long")
SESSION, SHORT, LONG = range(len(SCALES))
"""Places of the scales in a row's weights and vectors, and in the factors of decay."""
SCALE_COUNT = len(SCALES)
ACTION_COUNT = len(Action)
TOPICS = 6
"""Topics remembered with their decayed weights."""
TOPICS_PUBLISHED = 3
BRANDS = 4
BRANDS_PUBLISHED = 2
LOCATION, SPREAD = 0, 1
"""Places in `order_gap`, `visit_gap` and `pace`: what is usual, and by how much it varies."""
RECENT = 8
"""Last actions kept in the ring."""
EVENT_IDS = 32
"""Event digests kept to drop a client's retries: 32 bits each, so a false drop has odds of about 1 in 130 million."""
SLOTS = 6
"""Interests kept apart, each with a centre of its own."""
SLOT_DIMS = 64
"""Dimensions of a slot's centre: the first ones of the embedding, which PCA has sorted by variance."""
DECLARED = 8
"""Attributes kept that the person has declared or corrected."""
DEVICES = 4
"""Devices, networks and countries remembered."""
SEGMENTS = 64
"""Tags and segments that a shop may have at once."""
TASKS = ("purchase.session", "purchase.week", "churn")
"""What is predicted."""
SESSION_TASK, WEEK_TASK, CHURN_TASK = range(len(TASKS))
"""Places of the tasks."""
PATHS = (
    "interests.session",
    "interests.short",
    "interests.long",
    "brands",
    "spend.band",
    "hours",
    "cluster",
    "interests.slots",
    "interests.intent",
    "price.band",
    "discounts",
    "days",
    "sentiment",
    "declared",
    "lifecycle",
    "segments",
    "predictions.purchase.session",
    "predictions.purchase.week",
    "predictions.churn",
)
"""What changes are said about, in the order of `published_s`. Append only."""
ANOMALIES = ("velocity", "spend", "interest-drift", "bot-like", "identity", "payment", "dormant", "outlier", "rule")
"""Kinds of anomalies; all but the last one are voters, see `anomalies.kinds`."""
KIND_COUNT = len(ANOMALIES)
DETECTORS = KIND_COUNT - 1
OUTLIER_INPUTS = 14
"""Numbers that the outlier voter looks at, see `anomalies.outlier`."""
PREDICTION_INPUTS = 26
"""Numbers that predictions are made from, see `predictions.inputs`."""

Rows = npt.NDArray[np.void]
Row = Any
"""One row, or one activity's head: a record whose fields are attributes in compiled code."""

_INTEREST_SLOTS = [
    ("slot", "i1", (SLOTS, SLOT_DIMS)),  # centre, 127 is 1.0
    ("slot_mass", "<f4", (SLOTS,)),  # long-term decayed weight; 0 for a free slot
    ("slot_topic", "<u4", (SLOTS,)),  # what it is called: topic of the representative item
    ("slot_item", "<u8", (SLOTS,)),  # representative item: the one nearest to the centre when it was seen
    ("slot_near", "<f4", (SLOTS,)),  # its cosine then
    ("slot_s", "<u4", (SLOTS,)),  # newest action
    ("slot_number", "u1", (SLOTS,)),  # which of the profile's slots it is, 1 to 255 and round again
    ("slots_opened", "<u4"),
    ("published_slots", "u1", (SLOTS,)),  # numbers of the slots said
    ("published_slot_topic", "<u4", (SLOTS,)),  # what they were called then
    ("published_intent", "<u4"),  # topic of the session's intent
]

_TRAITS = [
    ("sessions", "<u4"),
    ("last_order_ms", "<i8"),  # 0 for never
    ("order_gap", "<f4", (2,)),  # location and spread of log2(hours between orders); spread 0 for none yet
    ("visit_gap", "<f4", (2,)),  # the same of the pauses between sessions
    ("days", "<i2", (7,)),  # shares of activity by day of the week (UTC, Monday first), VECTOR_ONE is all of it
    ("price", "<f4"),  # mean z of prices against their category's level
    ("price_mass", "<f4"),
    ("paid", "<f4"),  # decayed spend on lines whose price is known, minor units
    ("saved", "<f4"),  # decayed reductions on them
    ("specificity", "<f4"),  # mean over queries, 0 to 1
    ("specificity_mass", "<f4"),
    ("sentiment", "<f4"),  # mean over reviews, -1 to 1
    ("sentiment_mass", "<f4"),
    ("reviews", "<u4"),
    ("offers", "<f4", (2,)),  # decayed counts of offers and tags accepted, refused
    ("entry", "<u4"),  # topic of the first activity that had one
    ("declared", "<u4", (DECLARED, 2)),  # attribute and value
    ("declared_s", "<u4", (DECLARED,)),  # when it was said
    ("declared_how", "u1", (DECLARED,)),  # 1 declared, 2 corrected; 0 for a free place
    ("novel", "u1"),  # bits of what was new in this session, see `traits.origins`
    ("device", "<u4", (DEVICES,)),
    ("device_s", "<u4", (DEVICES,)),
    ("network", "<u4", (DEVICES,)),
    ("network_s", "<u4", (DEVICES,)),
    ("country", "<u2", (DEVICES,)),
    ("country_s", "<u4", (DEVICES,)),
    ("failed", "<f4"),  # failed payments, decayed with the session half-life
    ("pages", "<f4"),  # hits without dwell, less those that wishes make up for, session half-life
    ("pace", "<f4", (2,)),  # mean and mean deviation of log2(ms between hits of a session)
    ("published_price_band", "u1"),
    ("published_discount_band", "u1"),
    ("published_days", "u1"),
    ("published_sentiment", "u1"),
]

_JUDGEMENTS = [
    ("due_ms", "<i8"),  # when something changes by time alone; 0 for never
    ("judged_ms", "<i8"),  # as of when it was judged: the newest activity, or a later due moment
    ("lifecycle", "u1"),  # number of the state in the rules in force; 0 for none
    ("lifecycle_s", "<u4"),  # since when
    ("member", "<u8"),  # bit per segment
    ("refused", "<u8"),  # bit per segment that the person does not want
    ("member_s", "<u4", (SEGMENTS,)),  # since when
    ("rules", "<u4"),  # `version` of the rules it was judged by, see `segments.tags`
    ("probability", "<f4", (len(TASKS),)),  # what was predicted last, calibrated; 0 without a model
    ("published_probability_band", "u1", (len(TASKS),)),  # band said: 0 low or none yet, 1 middle, 2 high
    ("session_pause", "<f4"),  # log2(1 + hours between the session and the one before); 0 for the first
    ("pending_ms", "<i8", (len(TASKS),)),  # when the example that waits for its outcome was taken; 0 for none
    ("pending_until_ms", "<i8", (len(TASKS),)),  # when its outcome is told
    ("pending_label", "u1", (len(TASKS),)),  # the outcome as it stands
    ("pending_probability", "<f4", (len(TASKS),)),
    ("pending_input", "<i2", (len(TASKS), PREDICTION_INPUTS)),  # fixed point, see `predict`
]

_ANOMALIES = [
    ("anomaly_s", "<u4", (KIND_COUNT,)),  # open since; 0 for closed
    ("anomaly_due_ms", "<i8", (KIND_COUNT,)),  # when the held score of an open one falls below its exit
    ("anomaly_score", "<f4", (KIND_COUNT,)),  # largest since it was raised; 0 for closed
    ("anomaly_count", "<u4", (KIND_COUNT,)),  # how many there were
    ("anomaly_rest_s", "<u4", (KIND_COUNT,)),  # when the last one was cleared
    ("anomaly_severity", "u1", (KIND_COUNT,)),  # said
    ("anomaly_step", "u1", (KIND_COUNT,)),  # facts said of it
    ("anomaly_session", "u1"),  # 1 while a session is under way that the learner has not got
    ("anomaly_flagged", "u1"),  # kind raised in this session + 1, see `anomalies.sessions`
    ("anomaly_first", "u1"),  # 1 for the first session of the day
    ("anomaly_session_ms", "<i8"),  # start of the session
    ("anomaly_day", "<u2"),  # its day, days since 1970
    ("anomaly_input", "u1", (OUTLIER_INPUTS,)),
    ("anomaly_max_scores", "<f4", (DETECTORS,)),  # largest scores of the session
    ("anomaly_dormancy", "<f4"),  # how unusual the pause before the session was
    ("drift_location", "<f4"),
    ("drift_spread", "<f4"),
]


@lru_cache(maxsize=8)
def row_dtype(dims: int) -> np.dtype[np.void]:
    """The layout of one profile with vectors of `dims` dimensions."""
    scales = len(SCALES)
    return _in_words(
        [
            ("applied", "<i8"),  # offset of the last activity applied; -1 for none
            ("first_ms", "<i8"),  # time of the first event
            ("seen_ms", "<i8"),  # newest event time: the reference of all decayed quantities
            ("version", "<u4"),  # last version said
            ("events", "<u4"),  # activities applied
            ("erased_ms", "<i8"),  # when it was erased, 0 for never; all but applied and version is blank then
            # interests: weighted means of unit embeddings (int16, VECTOR_ONE is 1.0) and their decayed weight
            ("interest", "<i2", (scales, dims)),
            ("mass", "<f4", (scales,)),
            ("topic", "<u4", (TOPICS,)),
            ("topic_mass", "<f4", (scales, TOPICS)),
            ("brand", "<u4", (BRANDS,)),
            ("brand_mass", "<f4", (BRANDS,)),
            # how much, how often, when
            ("by_action", "<f4", (len(Action),)),  # long-term decayed counts
            ("rate_burst", "<f4"),  # decayed events, burst half-life
            ("rate_short", "<f4"),  # decayed events, short half-life
            ("hours", "<i2", (24,)),  # shares of activity by hour of the day (UTC), VECTOR_ONE is all of it
            ("hours_mass", "<f4"),
            # spend in minor units; location and spread of log2(order)
            ("orders", "<u4"),
            ("refunds", "<u4"),
            ("spent", "<i8"),
            ("refunded", "<i8"),
            ("spend_recent", "<f4"),  # decayed, minor units
            ("order_location", "<f4"),
            ("order_spread", "<f4"),
            # session
            ("session", "<u8"),
            ("session_start_ms", "<i8"),
            ("session_events", "<u2"),
            ("session_by_action", "<u2", (len(Action),)),
            # last actions, a ring at place events % RECENT
            ("recent_s", "<u4", (RECENT,)),
            ("recent_action", "u1", (RECENT,)),
            ("recent_topic", "<u4", (RECENT,)),
            ("recent_item", "<u8", (RECENT,)),
            ("recent_source", "<u8", (RECENT,)),
            ("event_ids", "<u4", (EVENT_IDS,)),  # a ring at place events % EVENT_IDS
            *_INTEREST_SLOTS,
            *_TRAITS,
            *_JUDGEMENTS,
            # what was last said, to compare with
            ("publish_budget_used", "<f4"),  # of what may be said at once, how much was: above 1 nothing is due
            ("published_s", "<u4", (len(PATHS),)),
            ("published_topic", "<u4", (scales, TOPICS_PUBLISHED)),
            ("published_brand", "<u4", (BRANDS_PUBLISHED,)),
            ("published_spend_band", "u1"),
            ("published_part_of_day", "u1"),  # part of the day + 1; 0 for none
            ("cluster", "<i4"),  # -1 for none
            *_ANOMALIES,
        ]
    )


def _in_words(fields: list[tuple[Any, ...]]) -> np.dtype[np.void]:
    """The dtype of packed fields, filled up to whole 32-bit words."""
    over = np.dtype(fields).itemsize % 4
    return np.dtype([*fields, ("spare", "u1", (4 - over,))] if over else fields)


def blank_rows(count: int, dims: int) -> Rows:
    """`count` profiles about which nothing is known."""
    rows = np.zeros(count, dtype=row_dtype(dims))
    make_blank(rows)
    return rows


def make_blank(zeros: Rows) -> None:
    """Make rows of zeros profiles about which nothing is known."""
    zeros["applied"] = -1
    zeros["cluster"] = -1


def erased_row(version: int, offset: int, time_ms: int, dims: int) -> np.void:
    """A stub: all that stays of an erased profile is when it was erased, at which offset, and its last version.

    It stays for good: by it, whatever comes later for the same profile id is known to be too late.
    """
    row: np.void = blank_rows(1, dims)[0]
    row["applied"], row["version"], row["erased_ms"] = offset, version, max(time_ms, 1)
    return row
