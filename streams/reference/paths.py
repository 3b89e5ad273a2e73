"""What each path of a profile says, for the reference page."""

from collections.abc import Mapping

from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS

PATH_MEANINGS: Mapping[str, str] = {
    "interests.session": "Up to three topics that lead the session under way (half-life 30 minutes).",
    "interests.short": "Up to three topics of the week (half-life 7 days).",
    "interests.long": "Up to three lasting topics (half-life 60 days).",
    "brands": "Up to two favoured brands.",
    "cluster": "The cluster of long-term interests that the profile is in.",
    "interests.slots": "Interests kept apart, each by its centre, with a topic and a representative item.",
    "interests.intent": "What the session under way is about, if it is clearly about one topic.",
    "declared": "What the person says of themself. It stands beside what is inferred; neither overwrites the other.",
    "lifecycle": "Where the shopper stands, from new to loyal, churned and won back.",
    "segments": "Tags and segments that the rules in force put the shopper into.",
    "predictions.purchase.session": "The chance of a purchase before the session ends.",
    "predictions.purchase.week": "The chance of a purchase within 7 days.",
    "predictions.churn": "The chance that the shopper stays away.",
    **{path: trait.meaning for path, trait in PUBLISHED_TRAITS.items()},
}
"""Every path of `profiles.state.row.PATHS`, in words."""

KIND_MEANINGS: Mapping[str, str] = {
    "velocity": "Events come many times faster than this shopper's usual rate.",
    "spend": "An order is far above what this shopper, and the shop, are used to.",
    "interest-drift": "The session lies far from everything this shopper cared for, on several topics at once.",
    "bot-like": "Page after page at an even pace, none of them read, nothing wished for.",
    "identity": "A new device, network and country at once.",
    "payment": "Payments fail one after the other.",
    "dormant": "An account that slept far longer than ever is awake, and buys.",
    "outlier": "Half-Space Trees: the session as a whole is unlike those of the shop. A voter only.",
    "rule": "A named rule holds, whatever is usual: many devices, many countries, card testing, and the like.",
}
"""Every kind of `profiles.state.row.ANOMALIES`, in words."""
