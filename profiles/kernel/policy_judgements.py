"""Settings of the policy about judgements: when probabilities and anomalies are published."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveprofile.profiles.records.sections import Section, by_name, setting
from liveprofile.profiles.state.row import ANOMALIES, TASKS

TASK_NAMES = tuple(task.replace(".", "_") for task in TASKS)
"""Predictions as settings name them: a dot separates a section from its settings."""


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
