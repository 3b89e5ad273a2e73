"""The profile row: one fixed layout that is the state in memory, its bytes on Kafka, and its canonical form.

A partition's profiles are rows of one structured array, so compiled code processes a whole batch of shoppers. Decayed
quantities are as of `seen_ms`; texts are 32-bit digests (see `dictionary`). `codec` writes a row as bytes.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.aliases import Row as Row
from liveprofile.profiles.numeric.robust_scale import LOCATION as LOCATION
from liveprofile.profiles.numeric.robust_scale import SPREAD as SPREAD
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.layouts.fields import whole_words
from liveprofile.profiles.records.vocabulary import LONG as LONG
from liveprofile.profiles.records.vocabulary import SCALES as SCALES
from liveprofile.profiles.records.vocabulary import SESSION as SESSION
from liveprofile.profiles.records.vocabulary import SHORT as SHORT
from liveprofile.profiles.traits.registry import FIELDS, PUBLISHED_TRAITS

SCALE_COUNT = len(SCALES)
ACTION_COUNT = len(Action)
TOPICS = 6
"""Number of topics kept with their decayed weights."""
TOPICS_PUBLISHED = 3
BRANDS = 4
BRANDS_PUBLISHED = 2
RECENT = 8
"""Number of last actions in the ring."""
EVENT_IDS = 256
"""Event digests kept to drop client retries: 32 bits each, so a false drop has odds of 1 in 16 million."""
OPEN_SESSIONS = 2
"""Number of open sessions kept besides the current one."""
SLOTS = 6
"""Number of interest slots, each with its own centre."""
SLOT_DIMS = 64
"""Dimensions of a slot's centre: the first ones of the embedding, which PCA has sorted by variance."""
DECLARED = 8
"""Number of attributes kept that the person declared or corrected."""
SEGMENTS = 64
"""Maximum number of tags and segments of a shop."""
TASKS = ("purchase.session", "purchase.week", "churn")
"""What is predicted."""
SESSION_TASK, WEEK_TASK, CHURN_TASK = range(len(TASKS))
"""Places of the tasks."""

_FIRST_PATHS = (
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
PATHS = (*_FIRST_PATHS, *(path for path in PUBLISHED_TRAITS if path not in _FIRST_PATHS))
"""The paths of published changes, in the order of `published_s`. Append only."""
ANOMALIES = ("velocity", "spend", "interest-drift", "bot-like", "identity", "payment", "dormant", "outlier", "rule")
"""Kinds of anomalies; all but the last one have a detector, see `anomalies.kinds`."""
KIND_COUNT = len(ANOMALIES)
DETECTORS = KIND_COUNT - 1
OUTLIER_INPUTS = 14
"""Number of inputs of the outlier detector, see `anomalies.outlier`."""
PREDICTION_INPUTS = 26
"""Number of inputs of predictions, see `predictions.inputs`."""

Rows = npt.NDArray[np.void]


def _declared(*names: str) -> list[tuple[Any, ...]]:
    """Fields that traits declare, at their first place in the row."""
    return [FIELDS[name].spec for name in names]


def _added(known: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Fields of the traits that came after the row had `known`, in the order of their declarations."""
    names = {name for name, *_ in known}
    return [one.spec for one in FIELDS.values() if one.name not in names]


_INTEREST_SLOTS = [
    ("slot", "i1", (SLOTS, SLOT_DIMS)),  # centre, 127 is 1.0
    ("slot_mass", "<f4", (SLOTS,)),  # long-term decayed weight; 0 for a free slot
    ("slot_topic", "<u4", (SLOTS,)),  # its name: topic of the representative item
    ("slot_item", "<u8", (SLOTS,)),  # representative item: the one nearest to the centre when it was seen
    ("slot_near", "<f4", (SLOTS,)),  # its cosine then
    ("slot_s", "<u4", (SLOTS,)),  # newest action
    ("slot_number", "u1", (SLOTS,)),  # number of the slot in the profile, 1 to 255, then from 1 again
    ("slots_opened", "<u4"),
    ("published_slots", "u1", (SLOTS,)),  # numbers of the published slots
    ("published_slot_topic", "<u4", (SLOTS,)),  # their names when published
    ("published_intent", "<u4"),  # topic of the session's intent
]

_OPEN_SESSIONS = [
    ("open_session", "<u8", (OPEN_SESSIONS,)),  # sessions that go on beside the current one; 0 for a free place
    ("open_start_ms", "<i8", (OPEN_SESSIONS,)),
    ("open_seen_ms", "<i8", (OPEN_SESSIONS,)),
    ("open_events", "<u2", (OPEN_SESSIONS,)),
    ("open_by_action", "<u2", (OPEN_SESSIONS, len(Action))),
    ("open_pace", "<f4", (OPEN_SESSIONS, 2)),
    ("open_pages", "<f4", (OPEN_SESSIONS,)),
    ("open_mass", "<f4", (OPEN_SESSIONS,)),  # its part of the session interests: weight, mean and topics
    ("open_interest", "i1", (OPEN_SESSIONS, SLOT_DIMS)),
    ("open_topic_mass", "<f4", (OPEN_SESSIONS, TOPICS)),
]

_TRAITS = [
    *_declared("sessions", "last_order_ms", "order_gap", "visit_gap", "days", "price", "price_mass", "paid", "saved"),
    *_declared("specificity", "specificity_mass", "sentiment", "sentiment_mass", "reviews", "offers", "entry"),
    ("declared", "<u4", (DECLARED, 2)),  # attribute and value
    ("declared_s", "<u4", (DECLARED,)),  # time of the statement
    ("declared_how", "u1", (DECLARED,)),  # 1 declared, 2 corrected; 0 for a free place
    *_declared("novel", "device", "device_s", "network", "network_s", "country", "country_s"),
    *_declared("failed", "pages", "pace"),
    *_declared("published_price_band", "published_discount_band", "published_days", "published_sentiment"),
]

_JUDGEMENTS = [
    ("due_ms", "<i8"),  # time of the next change by time alone; 0 for never
    ("judged_ms", "<i8"),  # time of the last evaluation: the newest activity, or a later due moment
    ("lifecycle", "u1"),  # number of the state in the rules in force; 0 for none
    ("lifecycle_s", "<u4"),  # since when
    ("member", "<u8"),  # bit per segment
    ("refused", "<u8"),  # bit per segment that the person does not want
    ("member_s", "<u4", (SEGMENTS,)),  # since when
    ("rules", "<u4"),  # `version` of the rules it was judged by, see `segments.compiled_rules`
    ("probability", "<f4", (len(TASKS),)),  # the last predicted probability, calibrated; 0 without a model
    ("published_probability_band", "u1", (len(TASKS),)),  # published band: 0 low or none yet, 1 middle, 2 high
    ("session_pause", "<f4"),  # log2(1 + hours between the session and the one before); 0 for the first
    ("pending_ms", "<i8", (len(TASKS),)),  # time of the example that waits for its label; 0 for none
    ("pending_until_ms", "<i8", (len(TASKS),)),  # when its label is released
    ("pending_label", "u1", (len(TASKS),)),  # the label so far
    ("pending_probability", "<f4", (len(TASKS),)),
    ("pending_session", "<u8"),  # the session of the example for a purchase within it; 0 for any
    ("pending_input", "<i2", (len(TASKS), PREDICTION_INPUTS)),  # fixed point, see `predict`
]

_ANOMALIES = [
    ("anomaly_s", "<u4", (KIND_COUNT,)),  # open since; 0 for closed
    ("anomaly_due_ms", "<i8", (KIND_COUNT,)),  # when the held score of an open one falls below its exit
    ("anomaly_score", "<f4", (KIND_COUNT,)),  # maximum since it was raised; 0 for closed
    ("anomaly_count", "<u4", (KIND_COUNT,)),  # number of anomalies raised
    ("anomaly_rest_s", "<u4", (KIND_COUNT,)),  # when the last one was cleared
    ("anomaly_severity", "u1", (KIND_COUNT,)),  # published severity
    ("anomaly_step", "u1", (KIND_COUNT,)),  # number of facts published about it
    ("anomaly_session", "u1"),  # 1 during a session that was not yet sent to the learner
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
    fields = _first_fields(dims)
    return whole_words([*fields, *_added(fields)])


def _first_fields(dims: int) -> list[tuple[Any, ...]]:
    """The fields in the order of the first layout; later traits append theirs."""
    scales = len(SCALES)
    return [
        ("applied", "<i8"),  # offset of the last activity applied; -1 for none
        ("first_ms", "<i8"),  # time of the first event
        ("seen_ms", "<i8"),  # newest event time: the reference of all decayed quantities
        ("version", "<u4"),  # last published version
        ("events", "<u4"),  # number of activities applied
        ("erased_ms", "<i8"),  # when it was erased, 0 for never; all but applied and version is blank then
        ("forgotten", "u1"),  # 1 if it was erased for idleness: a later activity begins it anew
        # interests: weighted means of unit embeddings (int16, VECTOR_ONE is 1.0) and their decayed weight
        ("interest", "<i2", (scales, dims)),
        ("mass", "<f4", (scales,)),
        ("topic", "<u4", (TOPICS,)),
        ("topic_mass", "<f4", (scales, TOPICS)),
        ("brand", "<u4", (BRANDS,)),
        ("brand_mass", "<f4", (BRANDS,)),
        # counts, rates and times
        ("by_action", "<f4", (len(Action),)),  # long-term decayed counts
        ("rate_burst", "<f4"),  # decayed events, burst half-life
        ("rate_short", "<f4"),  # decayed events, short half-life
        *_declared("hours", "hours_mass"),
        # spend in minor units; location and spread of log2(order)
        ("orders", "<u4"),
        ("orders_priced", "<u4"),  # orders with a known amount
        ("refunds", "<u4"),
        ("spent", "<i8"),
        ("refunded", "<i8"),
        *_declared("spend_recent"),
        ("order_location", "<f4"),
        ("order_spread", "<f4"),
        # session
        ("session", "<u8"),
        ("session_start_ms", "<i8"),
        ("session_seen_ms", "<i8"),  # its newest event
        ("session_events", "<u2"),
        ("session_by_action", "<u2", (len(Action),)),
        *_OPEN_SESSIONS,
        # last actions, a ring at place events % RECENT
        ("recent_s", "<u4", (RECENT,)),
        ("recent_action", "u1", (RECENT,)),
        ("recent_topic", "<u4", (RECENT,)),
        ("recent_item", "<u8", (RECENT,)),
        ("recent_source", "<u8", (RECENT,)),
        ("event_ids", "<u4", (EVENT_IDS,)),  # a ring at place event_ids_kept % EVENT_IDS
        ("event_ids_kept", "<u4"),  # event ids seen so far
        ("event_ids_plain", "u1"),  # of a profile of ae9fa68: the first ids of the ring are without input and action
        *_INTEREST_SLOTS,
        *_TRAITS,
        *_JUDGEMENTS,
        # the published state, for comparison
        ("publish_budget_used", "<f4"),  # used share of the publish budget: above 1 nothing is due
        ("published_s", "<u4", (len(PATHS),)),
        ("published_topic", "<u4", (scales, TOPICS_PUBLISHED)),
        ("published_brand", "<u4", (BRANDS_PUBLISHED,)),
        *_declared("published_spend_band", "published_part_of_day"),
        ("cluster", "<i4"),  # -1 for none
        *_ANOMALIES,
    ]


BLANKS = {"applied": -1, "cluster": -1}
"""Initial values of fields; 0 for all others."""


def blank_rows(count: int, dims: int) -> Rows:
    """`count` empty profiles."""
    rows = np.zeros(count, dtype=row_dtype(dims))
    make_blank(rows)
    return rows


def make_blank(zeros: Rows) -> None:
    """Make rows of zeros empty profiles."""
    for name, value in BLANKS.items():
        zeros[name] = value


def erased_row(version: int, offset: int, time_ms: int, dims: int) -> np.void:
    """A stub of an erased profile: the time of the erasure, its offset, and the last version.

    It is kept permanently, so that later activities of the same profile id are recognised and dropped.
    """
    row: np.void = blank_rows(1, dims)[0]
    row["applied"], row["version"], row["erased_ms"] = offset, version, max(time_ms, 1)
    return row
