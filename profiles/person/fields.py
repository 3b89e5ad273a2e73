"""How each field of a row is composed: one declaration a field, so that a new field cannot be forgotten.

A field that stands in no list here fails `tests/unit/profiles/person/test_fields.py`.
"""

from liveprofile.profiles.kernel.decay import BURST
from liveprofile.profiles.records.vocabulary import SCALES
from liveprofile.profiles.state.row import row_dtype

SESSION, SHORT, LONG = range(len(SCALES))

SUMMED = ("events", "orders", "orders_priced", "refunds", "spent", "refunded", "reviews", "sessions")
"""Counts and totals: added."""
DECAYED = {
    "by_action": LONG,
    "rate_burst": BURST,
    "rate_short": SHORT,
    "spend_recent": LONG,
    "paid": LONG,
    "saved": LONG,
    "offers": LONG,
    "failed": SESSION,
}
"""Decayed sums by their half-life: decayed to the newest facet's time and added."""
MEANS = {
    "price": ("price_mass", LONG),
    "specificity": ("specificity_mass", LONG),
    "sentiment": ("sentiment_mass", LONG),
    "hours": ("hours_mass", LONG),
    "days": ("hours_mass", LONG),
}
"""Means by their mass and its half-life: weighted by the decayed mass, which is added."""
WEIGHED = {"order": ("order_location", "order_spread"), "order_gap": ("order_gap",), "visit_gap": ("visit_gap",)}
"""Locations and spreads: weighted by how many numbers they are of. An approximation."""
EARLIEST = ("first_ms", "entry")
LATEST = ("seen_ms", "last_order_ms")
TABLES = ("mass", "interest", "topic", "topic_mass", "brand", "brand_mass")
"""Interests: the heaviest of the union; see `interests`."""
SLOTS = ("slot", "slot_mass", "slot_topic", "slot_item", "slot_near", "slot_s", "slot_number", "slots_opened")
"""See `slots`."""
SESSIONS = (
    "session",
    "session_start_ms",
    "session_seen_ms",
    "session_events",
    "session_by_action",
    "pages",
    "pace",
    "novel",
    *(name for name in row_dtype(2).names or () if name.startswith("open_")),
)
"""See `sessions`."""
RINGS = ("recent_s", "recent_action", "recent_topic", "recent_item", "recent_source")
"""The newest actions of all."""
SEEN = ("device", "network", "country")
"""Origins with the time that each was seen last, `NAME_s`: the latest of the union."""
DECLARED = ("declared", "declared_s", "declared_how")
"""One statement an attribute; see `declared`."""
UNITED = ("refused",)
"""Bits: united."""
OWN = (
    "applied",
    "version",
    "erased_ms",
    "forgotten",
    "event_ids",
    "event_ids_kept",
    "event_ids_plain",
    "due_ms",
    "judged_ms",
    "lifecycle",
    "lifecycle_s",
    "member",
    "member_s",
    "rules",
    "probability",
    "session_pause",
    "cluster",
    "drift_location",
    "drift_spread",
    *(name for name in row_dtype(2).names or () if name.startswith(("published_", "publish_", "pending_", "anomaly_"))),
)
"""What was said of the person, and what follows from that: the person's own history, not composed.

Until the person has said anything itself, its history is the anchor's: both have one profile id. Event ids are not
composed: a retry carries the same identifiers, so it meets the same row.
"""


def composed_fields() -> list[str]:
    """All fields that are declared here, each as often as it is declared."""
    return [
        *SUMMED,
        *DECAYED,
        *MEANS,
        *sorted({mass for mass, _ in MEANS.values()}),
        *(name for names in WEIGHED.values() for name in names),
        *EARLIEST,
        *LATEST,
        *TABLES,
        *SLOTS,
        *SESSIONS,
        *RINGS,
        *SEEN,
        *(f"{name}_s" for name in SEEN),
        *DECLARED,
        *UNITED,
        *OWN,
    ]
