"""The meaning of each path of a profile, for the reference page."""

from collections.abc import Mapping

from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS

PATH_MEANINGS: Mapping[str, str] = {
    "interests.session": "Up to three leading topics of the present session (half-life 30 minutes).",
    "interests.short": "Up to three topics of the week (half-life 7 days).",
    "interests.long": "Up to three lasting topics (half-life 60 days).",
    "brands": "Up to two favoured brands.",
    "cluster": "The cluster of the profile's long-term interests.",
    "interests.slots": "Separate interests, each with a centre, a topic and a representative item.",
    "interests.intent": "The topic of the present session, if it is clearly about one.",
    "declared": "Attributes that the person declared, separate from inferred ones; neither overwrites the other.",
    "lifecycle": "The state of the shopper, from new to loyal, churned and won back.",
    "segments": "Tags and segments of the shopper by the present rules.",
    "predictions.purchase.session": "The probability of a purchase before the session ends.",
    "predictions.purchase.week": "The probability of a purchase within 7 days.",
    "predictions.churn": "The probability of no activity within the churn horizon.",
    **{path: trait.meaning for path, trait in PUBLISHED_TRAITS.items()},
}
"""The meaning of every path in `profiles.state.row.PATHS`."""

KIND_MEANINGS: Mapping[str, str] = {
    "velocity": "Events come many times faster than this shopper's usual rate.",
    "spend": "An order is far above the usual orders of this shopper and of the shop.",
    "interest-drift": "The session is far from all earlier interests of this shopper, in several topics at once.",
    "bot-like": "Many page views at an even pace, without reading time or other actions.",
    "identity": "A new device, network and country at once.",
    "payment": "Several payments fail in sequence.",
    "dormant": "An account becomes active after a much longer pause than ever before, and buys.",
    "outlier": "Half-Space Trees: the session as a whole differs from those of the shop. Only a detector.",
    "rule": "A named rule holds, independent of usual behaviour: many devices, many countries, card testing, …",
}
"""The meaning of every kind in `profiles.state.row.ANOMALIES`."""
