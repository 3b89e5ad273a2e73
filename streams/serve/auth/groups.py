"""Groups of fields: what a token may see of a profile, in snapshots and in changes.

A field or path that is in no group, as of a newer worker, is seen by tokens with the whole profile alone.
"""

from collections.abc import Mapping

BASIC, INTERESTS, SPEND, PREDICTIONS, TRAITS, DECLARED, ANOMALIES = GROUPS = (
    "basic",
    "interests",
    "spend",
    "predictions",
    "traits",
    "declared",
    "anomalies",
)

FIELDS: Mapping[str, str] = {
    "profile_id": BASIC,
    "version": BASIC,
    "first_seen": BASIC,
    "last_seen": BASIC,
    "events": BASIC,
    "hours": BASIC,
    "session": BASIC,
    "cluster": BASIC,
    "lifecycle": BASIC,
    "segments": BASIC,
    "segments_refused": BASIC,
    "rules": BASIC,
    "policy": BASIC,
    "quality": BASIC,
    "interests": INTERESTS,
    "slots": INTERESTS,
    "intent": INTERESTS,
    "brands": INTERESTS,
    "recent": INTERESTS,
    "prior": PREDICTIONS,
    "said": INTERESTS,
    "vectors": INTERESTS,
    "spend": SPEND,
    "predictions": PREDICTIONS,
    "traits": TRAITS,
    "declared": DECLARED,
    "anomalies": ANOMALIES,
}
"""The group of each field of a snapshot."""

_PATHS: Mapping[str, str] = {
    "profile": BASIC,
    "hours": BASIC,
    "cluster": BASIC,
    "lifecycle": BASIC,
    "segments": BASIC,
    "interests": INTERESTS,
    "brands": INTERESTS,
    "spend": SPEND,
    "predictions": PREDICTIONS,
    "price": TRAITS,
    "discounts": TRAITS,
    "days": TRAITS,
    "sentiment": TRAITS,
    "declared": DECLARED,
}
"""The group of each path of a change, by its first part."""
RULED = frozenset({"segments", "lifecycle"})
"""Paths that rules decide: a reason has values of other groups, such as the spend that a condition compares."""


def group_of_path(path: str) -> str | None:
    """The group of a path; None for an unknown one.

    >>> group_of_path("predictions.churn"), group_of_path("spend.band"), group_of_path("later.than.this")
    ('predictions', 'spend', None)
    """
    return _PATHS.get(path.partition(".")[0])
