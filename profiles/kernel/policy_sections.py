"""The sections of the policy: settings of decay, publishing, interests, predictions and anomalies, with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveprofile.profiles.records.sections import Section, by_name, setting
from liveprofile.profiles.state.row import ANOMALIES, SCALES, SLOTS, TASKS

HALF_LIVES = (*SCALES, "burst")
"""Half-lives in the order of the factors of decay."""
TASK_NAMES = tuple(task.replace(".", "_") for task in TASKS)
"""Predictions as settings name them: a dot separates a section from its settings."""


@dataclass(frozen=True)
class Decay(Section):
    """Half-lives: how fast past activities lose weight."""

    half_life_s: Mapping[str, float] = by_name(
        HALF_LIVES,
        {"session": 1800.0, "short": 7 * 86400.0, "long": 60 * 86400.0, "burst": 60.0},
        "Half-life, seconds",
        {
            "session": "of session interests",
            "short": "of short-term interests",
            "long": "of long-term interests, counts and spend",
            "burst": "of the event rate that velocity is judged by",
        },
    )
    pair_half_life_s: float = setting(
        30 * 86400.0, "Time between two items of a shopper that halves the weight of their pair, seconds."
    )


@dataclass(frozen=True)
class Publish(Section):
    """How often a profile may be published: a token bucket of versions per profile."""

    burst: float = setting(3.0, "Burst size of the per-profile publish token bucket, versions.")
    refill_per_event: float = setting(0.06, "Versions that each event adds to the bucket.")
    refill_s: float = setting(7200.0, "Time that adds one version to the bucket, seconds.")


@dataclass(frozen=True)
class InterestScale(Section):
    """When a topic enters and leaves the published interests of one scale."""

    enter_share: float = setting(0.25, "Share of interest at which a topic enters.")
    exit_share: float = setting(0.12, "Share below which a published topic leaves.")
    min_mass: float = setting(8.0, "Minimum decayed weight of a topic before it enters.")
    interval_s: float = setting(120.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Interests(Section):
    """When topics enter and leave the published interests; the factors hold for brands and slots, too."""

    incumbent_factor: float = setting(
        1.25, "A published topic or brand is replaced only by one with a share larger by this factor."
    )
    leave_mass_factor: float = setting(
        3.0, "A published topic, brand or slot leaves only where this times the minimum weight is seen."
    )
    session: InterestScale = InterestScale(enter_share=0.34, exit_share=0.15, min_mass=4.0, interval_s=30.0)
    short: InterestScale = InterestScale(enter_share=0.25, exit_share=0.12, min_mass=8.0, interval_s=120.0)
    long: InterestScale = InterestScale(enter_share=0.20, exit_share=0.10, min_mass=12.0, interval_s=600.0)


@dataclass(frozen=True)
class Brands(Section):
    """When a brand enters and leaves the favoured brands."""

    enter_share: float = setting(0.30, "Share of branded interest at which a brand enters.")
    exit_share: float = setting(0.15, "Share below which a favoured brand leaves.")
    min_mass: float = setting(12.0, "Minimum decayed weight of a brand before it enters.")
    interval_s: float = setting(600.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Slots(Section):
    """Interest slots: several interests of a shopper, each with its own centre."""

    most: int = setting(SLOTS, f"Maximum number of slots, 1 to {SLOTS}.")
    join: float = setting(0.45, "Cosine (64 dimensions) at which an action joins a slot rather than open one.")
    topic_bonus: float = setting(0.2, "Added to that cosine where the action is of the slot's topic.")
    merge: float = setting(0.6, "Cosine of two slots at which they become one when a new slot needs a place.")
    enter_share: float = setting(0.2, "Share of the weight of all slots at which a slot is published.")
    exit_share: float = setting(0.06, "Share below which a published slot is closed.")
    min_mass: float = setting(15.0, "Minimum decayed weight of a slot before it is published.")
    interval_s: float = setting(1800.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Intent(Section):
    """When the leading topic of a session is published."""

    enter: float = setting(0.6, "Confidence at which the leading topic is published.")
    exit: float = setting(0.3, "Confidence below which the published topic is withdrawn.")
    min_mass: float = setting(8.0, "Minimum session weight before the intent is judged.")
    interval_s: float = setting(300.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Cluster(Section):
    """When a profile is assigned to a cluster, and moved to another one."""

    min_mass: float = setting(8.0, "Minimum long-term weight before a profile is assigned to a cluster.")
    margin: float = setting(0.15, "A profile moves only if the new centre is nearer by this share.")
    interval_s: float = setting(600.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Predictions(Section):
    """Bands of predicted probabilities, and how long an absence counts as churn."""

    odds: Mapping[str, float] = by_name(
        ("middle", "high"),
        {"middle": 3.0, "high": 10.0},
        "Odds of a probability at which it is in this band, as a multiple of the usual odds.",
    )
    exit_factor: float = setting(0.4, "A band is left downwards below its odds times this.")
    min_confidence: float = setting(0.2, "Minimum confidence before a probability rises to another band, 0 to 1.")
    interval_s: Mapping[str, float] = by_name(
        TASK_NAMES,
        {"purchase_session": 600.0, "purchase_week": 86400.0, "churn": 86400.0},
        "Minimum time between two changes of one prediction, seconds.",
    )
    absence_days: Mapping[str, float] = by_name(
        ("shortest", "longest"),
        {"shortest": 14.0, "longest": 60.0},
        "Bound of the absence that counts as churn, which is three of a shopper's own usual pauses, days.",
    )


@dataclass(frozen=True)
class Anomalies(Section):
    """Scores at which anomalies are raised and cleared, and what the detectors need before they score."""

    enter: Mapping[str, float] = by_name(
        ANOMALIES,
        {
            "velocity": 4.5,
            "spend": 4.0,
            "interest-drift": 3.0,
            "bot-like": 4.5,
            "identity": 3.5,
            "payment": 2.3,
            "dormant": 3.0,
            "outlier": 3.5,
            "rule": 1.0,
        },
        "Score at which one is raised while no alert budget is learnt",
        {
            "velocity": "log2 of the rate over the usual one",
            "spend": "deviations",
            "interest-drift": "deviations",
            "outlier": "it only contributes to others",
        },
    )
    exit: Mapping[str, float] = by_name(
        ANOMALIES,
        {
            "velocity": 3.0,
            "spend": 1.5,
            "interest-drift": 1.0,
            "bot-like": 2.0,
            "identity": 1.5,
            "payment": 1.0,
            "dormant": 1.0,
            "outlier": 2.0,
            "rule": 0.25,
        },
        "Score below which one is cleared.",
    )
    half_life_s: Mapping[str, float] = by_name(
        ANOMALIES,
        {
            "velocity": 600.0,
            "spend": 3600.0,
            "interest-drift": 3600.0,
            "bot-like": 900.0,
            "identity": 10800.0,
            "payment": 3600.0,
            "dormant": 10800.0,
            "outlier": 1800.0,
            "rule": 43200.0,
        },
        "Half-life of the score of an open one, seconds.",
    )
    cool_down_s: float = setting(900.0, "Time after one is cleared before one of its kind is raised, seconds.")
    update_severity: float = setting(15.0, "Rise of severity at which an open one is published again.")
    velocity_min_events: float = setting(40.0, "Minimum decayed events of the last minute for a velocity score.")
    drift_min_distance: float = setting(0.5, "Minimum drift (distance times the share of new topics) for a score.")
    drift_min_new_topics: int = setting(2, "Topics new to the shopper that a session must have before it drifts.")
    drift_min_session_mass: float = setting(6.0, "Minimum session weight before drift is scored.")
    drift_min_earlier_mass: float = setting(20.0, "Minimum long-term weight from before the session.")
    bot_min_pages: float = setting(30.0, "Minimum decayed pages without dwell or wish for a bot-like score.")
    identity_min_events: float = setting(10.0, "Events before a device, network or country counts as new.")
    dormant_min_days: float = setting(21.0, "Minimum pause after which an account counts as dormant, days.")
