"""The topics of one application: names, partitions and configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveprofile.profiles.state.generation import FIRST

MAX_BATCH_BYTES = 4 << 20
"""`max.message.bytes` of every topic that we write: no record batch of ours may be larger than this."""

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it should be: its name, its partitions, its configuration, and what it is for."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of all topics of the application `app_id`, and what each has to be like.

    Inputs and outputs are shared names that other systems know; internal topics carry the app's id. A test that needs
    inputs and outputs of its own on a shared broker gives a `prefix`.
    """

    app_id: str = "liveprofile"
    partitions: int = 4
    prefix: str = ""

    @property
    def clicks(self) -> str:
        return f"{self.prefix}clicks"

    @property
    def searches(self) -> str:
        return f"{self.prefix}searches"

    @property
    def purchases(self) -> str:
        return f"{self.prefix}purchases"

    @property
    def reviews(self) -> str:
        return f"{self.prefix}reviews"

    @property
    def feedback(self) -> str:
        return f"{self.prefix}feedback"

    @property
    def declarations(self) -> str:
        return f"{self.prefix}declarations"

    @property
    def profile_changes(self) -> str:
        return f"{self.prefix}profile-changes"

    @property
    def profiles(self) -> str:
        return f"{self.prefix}profiles"

    @property
    def profile_anomalies(self) -> str:
        return f"{self.prefix}profile-anomalies"

    @property
    def model_events(self) -> str:
        return f"{self.prefix}model-events"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}dead-letters"

    @property
    def activity(self) -> str:
        return f"{self.app_id}.activity"

    @property
    def state(self) -> str:
        """Of the first generation; for all others its cursors say where the state is now."""
        return self.state_of(FIRST)

    def state_of(self, generation: int) -> str:
        """The topic of a generation of the state.

        >>> Topics("shop").state_of(1), Topics("shop").state_of(2)
        ('shop.state', 'shop.state.v2')
        """
        return f"{self.app_id}.state" + (f".v{generation}" if generation > FIRST else "")

    def rebuild_group(self, generation: int) -> str:
        """The consumer group that folds `activity` into a generation beside the one that serves."""
        return f"{self.app_id}.rebuild.v{generation}"

    @property
    def examples(self) -> str:
        return f"{self.app_id}.examples"

    @property
    def models(self) -> str:
        return f"{self.app_id}.models"

    @property
    def item_events(self) -> str:
        return f"{self.app_id}.item-events"

    @property
    def item_cursors(self) -> str:
        return f"{self.app_id}.item-cursors"

    @property
    def items(self) -> str:
        return f"{self.prefix}items"

    @property
    def item_neighbours(self) -> str:
        return f"{self.prefix}item-neighbours"

    @property
    def lineage(self) -> str:
        return f"{self.app_id}.lineage"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The topics that shops write."""
        return self.clicks, self.searches, self.purchases, self.reviews, self.feedback, self.declarations

    @property
    def remembered(self) -> Mapping[str, str]:
        """The topics that profiles and models are made from, and what would happen if one was silently another."""
        dropped = "records of the new topic would be taken for ones that were seen before, and dropped"
        return {
            **dict.fromkeys(self.inputs, dropped),
            self.activity: "activities of the new topic would be skipped as if they were folded already",
            self.state: "profiles would begin again from nothing, under versions that were given before",
            self.item_events: "what shoppers met would be skipped as if it was counted already",
            self.examples: "examples of the new topic would be skipped as if they were learnt already",
            self.models: "numbers of models and clusters would be given a second time",
        }

    def state_topic(self, generation: int) -> Topic:
        """The topic of a generation of the state, as it should be."""
        return Topic(self.state_of(generation), self.partitions, _COMPACT, "profiles at their last checkpoint")

    def all(self) -> tuple[Topic, ...]:
        """Every topic, inputs first. `activity`, `state` and the outputs have the same number of partitions."""
        n = self.partitions
        return (
            Topic(self.clicks, n, _INPUT, "what shoppers looked at, put into carts, liked"),
            Topic(self.searches, n, _INPUT, "what shoppers searched for"),
            Topic(self.purchases, n, _INPUT, "orders, refunds, payments that failed"),
            Topic(self.reviews, n, _INPUT, "products judged in stars and words"),
            Topic(self.feedback, n, _INPUT, "tags and offers accepted or refused, attributes corrected"),
            Topic(self.declarations, n, _INPUT, "what shoppers say of themselves"),
            Topic(self.profile_changes, n, _log(days=30), "what changed in a profile, and why"),
            Topic(self.profiles, n, _COMPACT, "the latest snapshot of every profile"),
            Topic(self.profile_anomalies, n, _log(days=30), "anomalies raised, updated, cleared"),
            Topic(self.model_events, 1, _log(days=30), "quality of models and of profiles, drift, fate of clusters"),
            Topic(self.dead_letters, n, _log(days=14), "input that was refused, with the reason"),
            Topic(self.activity, n, _log(days=30), "the one log that profiles are folded from"),
            self.state_topic(FIRST),
            Topic(self.examples, 1, _log(days=7), "compact examples that the models learn from"),
            Topic(self.models, 1, _COMPACT, "the last versions of all models"),
            Topic(self.items, n, _COMPACT, "how every item looked when it was last met"),
            Topic(self.item_neighbours, n, _COMPACT, "what shoppers met before and after every item"),
            Topic(self.item_events, n, _log(days=7), "items met, one after the other, by item"),
            Topic(self.item_cursors, n, _COMPACT, "up to where item events are counted"),
            Topic(self.lineage, 1, _COMPACT, "which topics, by Kafka's ids, the profiles were made from"),
        )


_BROKER_TIME: Mapping[str, str] = {
    # The broker's clock, not the producer's: Kafka refuses a record stamped more than an hour ahead, and deletes old
    # events that are replayed at once. Event time is in the value.
    "message.timestamp.type": "LogAppendTime",
}


def _log(days: int) -> Mapping[str, str]:
    return {
        **_BROKER_TIME,
        "cleanup.policy": "delete",
        "retention.ms": str(days * _DAY_MS),
        "segment.ms": str(_DAY_MS),  # the default is a week, by which the oldest records would outlive their time
        "max.message.bytes": str(MAX_BATCH_BYTES),
    }


_INPUT: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * _DAY_MS),
    "segment.ms": str(_DAY_MS),
    **_BROKER_TIME,
}

_COMPACT: Mapping[str, str] = {
    **_BROKER_TIME,
    "cleanup.policy": "compact",  # never with delete: a profile that nobody touched for long must stay
    "segment.ms": str(_HOUR_MS),
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": str(_DAY_MS),  # the default is no limit: an erasure would have no deadline
    "delete.retention.ms": str(2 * _DAY_MS),
    "max.message.bytes": str(MAX_BATCH_BYTES),
}
