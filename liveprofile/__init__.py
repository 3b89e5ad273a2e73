"""Liveprofile: one living profile per shopper, kept from streams of clicks, searches and purchases.

This module is the public surface: the names in `__all__`. Everything else in the package is private and may change with
any release, `liveprofile.models`, `liveprofile.profiles` and `liveprofile.streams` included. Importing it loads
nothing: each name brings what it needs when it is first used. docs/library.md shows all of them at work.

The fold, without Kafka
    Fold, step, FoldResult, Fact, Policy, ActivityEncoder
The records of the topics, each with `decode(value)`
    ProfileChanged (Change, Reason, Evidence), ProfileSnapshot, AnomalyChanged
Consumers, with a group of the caller's
    Changes, AsyncChanges (Changed, Healed); Anomalies, AsyncAnomalies
Questions about profiles on Kafka
    profile_id, read_profile, explain (Explanation), recommend (Recommendation); each with an asynchronous twin
Errors
    LiveprofileError and its tree, see `liveprofile.errors`
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveprofile.errors import LiveprofileError
    from liveprofile.profiles.facts.facts import AnomalyChanged, Change, Evidence, Fact, ProfileChanged, Reason
    from liveprofile.profiles.facts.snapshot import ProfileSnapshot
    from liveprofile.profiles.fold.fold import Fold
    from liveprofile.profiles.fold.result import FoldResult
    from liveprofile.profiles.fold.step import step
    from liveprofile.profiles.items.recommend import Recommendation
    from liveprofile.profiles.kernel.policy import Policy
    from liveprofile.profiles.records.decode import DecodeError
    from liveprofile.streams.contract.refusals import RefusedError
    from liveprofile.streams.contract.topics import Topics
    from liveprofile.streams.errors import NoKafkaError, NoProfileError, UserError
    from liveprofile.streams.query.changes import AsyncAnomalies, AsyncChanges
    from liveprofile.streams.query.changes_sync import Anomalies, Changes
    from liveprofile.streams.query.deliveries import Changed, GapError, Healed
    from liveprofile.streams.query.explain import Explanation
    from liveprofile.streams.query.identity import profile_id
    from liveprofile.streams.query.library import (
        explain,
        explain_async,
        read_profile,
        read_profile_async,
        recommend,
        recommend_async,
    )
    from liveprofile.streams.stages.ingest.activity_encoder import ActivityEncoder

__all__ = [
    "ActivityEncoder",
    "Anomalies",
    "AnomalyChanged",
    "AsyncAnomalies",
    "AsyncChanges",
    "Change",
    "Changed",
    "Changes",
    "DecodeError",
    "Evidence",
    "Explanation",
    "Fact",
    "Fold",
    "FoldResult",
    "GapError",
    "Healed",
    "LiveprofileError",
    "NoKafkaError",
    "NoProfileError",
    "Policy",
    "ProfileChanged",
    "ProfileSnapshot",
    "Reason",
    "Recommendation",
    "RefusedError",
    "Topics",
    "UserError",
    "explain",
    "explain_async",
    "profile_id",
    "read_profile",
    "read_profile_async",
    "recommend",
    "recommend_async",
    "step",
]

_HOMES = {
    "errors": "LiveprofileError",
    "profiles.fold.fold": "Fold",
    "profiles.fold.result": "FoldResult",
    "profiles.fold.step": "step",
    "profiles.items.recommend": "Recommendation",
    "profiles.kernel.policy": "Policy",
    "profiles.records.decode": "DecodeError",
    "profiles.facts.facts": "AnomalyChanged Change Evidence Fact ProfileChanged Reason",
    "profiles.facts.snapshot": "ProfileSnapshot",
    "streams.contract.refusals": "RefusedError",
    "streams.contract.topics": "Topics",
    "streams.errors": "NoKafkaError NoProfileError UserError",
    "streams.query.changes": "AsyncAnomalies AsyncChanges",
    "streams.query.changes_sync": "Anomalies Changes",
    "streams.query.deliveries": "Changed GapError Healed",
    "streams.query.explain": "Explanation",
    "streams.query.identity": "profile_id",
    "streams.query.library": "explain explain_async read_profile read_profile_async recommend recommend_async",
    "streams.stages.ingest.activity_encoder": "ActivityEncoder",
}
"""The module of every public name; the imports above say the same to type checkers, and a test compares the two."""
_MODULES = {name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; its public names are in __all__")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
