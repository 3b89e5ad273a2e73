"""The topics of one application: names, partitions and configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveprofile.profiles.state.generation import FIRST

MAX_BATCH_BYTES = 4 << 20
"""`max.message.bytes` of every topic that we write: the limit of our record batches."""

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Topic:
    """The specification of one topic: name, partitions, configuration and purpose."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    is_input: bool = False
    """Whether the shop writes it."""
    is_internal: bool = False
    """Whether only workers read it."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The names and specifications of all topics of the application `app_id`.

    Inputs and outputs have shared names that other systems know; names of internal topics contain the app's id.
    `prefix` begins all of them, and the names of consumer groups: applications with different prefixes share nothing.

    >>> shop = Topics("liveprofile", prefix="shop-a-")
    >>> shop.clicks, shop.activity, shop.group
    ('shop-a-clicks', 'shop-a-liveprofile.activity', 'shop-a-liveprofile')
    """

    app_id: str = "liveprofile"
    partitions: int = 4
    prefix: str = ""
    prefix_internal: bool = True
    """Whether internal topics and groups have the prefix, too; not so in applications made before they had it."""

    @property
    def group(self) -> str:
        """The consumer group of the workers, and the beginning of the names of internal topics."""
        return f"{self.prefix}{self.app_id}" if self.prefix_internal else self.app_id

    @property
    def earlier_lineage(self) -> str:
        """Where the lineage of this application is if it was made before internal topics had the prefix; or empty."""
        return f"{self.app_id}.lineage" if self.prefix and self.prefix_internal else ""

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
        return f"{self.group}.activity"

    @property
    def state(self) -> str:
        """Of the first generation; for all others its cursors say where the state is now."""
        return self.state_of(FIRST)

    def state_of(self, generation: int) -> str:
        """The topic of a generation of the state.

        >>> Topics("shop").state_of(1), Topics("shop").state_of(2)
        ('shop.state', 'shop.state.v2')
        """
        return f"{self.later_states}{generation}" if generation > FIRST else f"{self.group}.state"

    def rebuild_group(self, generation: int) -> str:
        """The consumer group that folds `activity` into a generation beside the one that serves."""
        return f"{self.rebuild_groups}{generation}"

    @property
    def later_states(self) -> str:
        """The beginning of the names of the topics of all generations but the first."""
        return f"{self.state}.v"

    @property
    def rebuild_groups(self) -> str:
        """The beginning of the names of all `rebuild_group`s."""
        return f"{self.group}.rebuild.v"

    @property
    def examples(self) -> str:
        return f"{self.group}.examples"

    @property
    def models(self) -> str:
        return f"{self.group}.models"

    @property
    def item_events(self) -> str:
        return f"{self.group}.item-events"

    @property
    def item_cursors(self) -> str:
        return f"{self.group}.item-cursors"

    @property
    def items(self) -> str:
        return f"{self.prefix}items"

    @property
    def item_neighbours(self) -> str:
        return f"{self.prefix}item-neighbours"

    @property
    def progress(self) -> str:
        return f"{self.group}.progress"

    @property
    def lineage(self) -> str:
        return f"{self.group}.lineage"

    @property
    def rules(self) -> str:
        return f"{self.group}.rules"

    @property
    def audit(self) -> str:
        return f"{self.group}.audit"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The topics that a shop writes."""
        return self.clicks, self.searches, self.purchases, self.reviews, self.feedback, self.declarations

    @property
    def remembered(self) -> Mapping[str, str]:
        """The topics that profiles and models are made from, each with the consequence of a silent replacement."""
        dropped = "records of the new topic would be dropped as already seen"
        return {
            **dict.fromkeys(self.inputs, dropped),
            self.activity: "activities of the new topic would be skipped as already folded",
            self.state: "profiles would start empty again, and reuse version numbers",
            self.item_events: "item events of the new topic would be skipped as already counted",
            self.examples: "examples of the new topic would be skipped as already learnt",
            self.models: "numbers of models and clusters would be reused",
        }

    def state_topic(self, generation: int) -> Topic:
        """The topic of a generation of the state, as it should be."""
        return Topic(
            self.state_of(generation), self.partitions, _COMPACT, "profiles at their last checkpoint", is_internal=True
        )

    def all(self) -> tuple[Topic, ...]:
        """Every topic, inputs first. `activity`, `state` and the outputs have the same number of partitions."""
        n = self.partitions
        return (
            _input(self.clicks, n, "views, carts, favourites and other actions on products"),
            _input(self.searches, n, "queries"),
            _input(self.purchases, n, "orders, refunds, failed payments"),
            _input(self.reviews, n, "reviews with stars and text"),
            _input(self.feedback, n, "tags and offers accepted or refused, attributes corrected"),
            _input(self.declarations, n, "attributes that shoppers declare"),
            Topic(self.profile_changes, n, _log(days=30), "changes of profiles with their reasons"),
            Topic(self.profiles, n, _COMPACT, "the latest snapshot of every profile"),
            Topic(self.profile_anomalies, n, _log(days=30), "anomalies raised, updated, cleared"),
            Topic(self.model_events, 1, _log(days=30), "quality of models and profiles, drift, changes of clusters"),
            Topic(self.dead_letters, n, _log(days=14), "refused input records with the reason"),
            Topic(self.activity, n, _log(days=30), "the log that profiles are folded from", is_internal=True),
            self.state_topic(FIRST),
            Topic(self.examples, 1, _log(days=7), "training examples of the models", is_internal=True),
            Topic(self.models, 1, _COMPACT, "the latest versions of all models", is_internal=True),
            Topic(self.items, n, _COMPACT, "the latest data of every item"),
            Topic(self.item_neighbours, n, _COMPACT, "items that co-occur with every item"),
            Topic(self.item_events, n, _log(days=7), "sequences of items, partitioned by item", is_internal=True),
            Topic(self.item_cursors, n, _COMPACT, "positions up to which item events are counted", is_internal=True),
            Topic(self.progress, 1, _PROGRESS, "how far each partition of activity is folded", is_internal=True),
            Topic(
                self.lineage,
                1,
                _COMPACT,
                "Kafka's ids of the topics that profiles were made from, the check value of the pseudonym key",
                is_internal=True,
            ),
            Topic(self.rules, 1, _COMPACT, "rules that were published: when, and by whom", is_internal=True),
            Topic(self.audit, 1, _log(days=90), "who read which profiles through the query service", is_internal=True),
        )


def fencing_token_prefix(group: str, stage: str) -> str:
    """The beginning of the names of a stage's fencing tokens, which are Kafka's transactional ids; a number follows.

    >>> fencing_token_prefix("shop", "profile")
    'shop.profile.'
    """
    return f"{group}.{stage}."


def _input(name: str, partitions: int, purpose: str) -> Topic:
    return Topic(name, partitions, _INPUT, purpose, is_input=True)


_BROKER_TIME: Mapping[str, str] = {
    # The broker's clock, not the producer's: Kafka refuses a record with a time more than an hour ahead, and would
    # delete replayed old events at once. Event time is in the value.
    "message.timestamp.type": "LogAppendTime",
}


def _log(days: int) -> Mapping[str, str]:
    return {
        **_BROKER_TIME,
        "cleanup.policy": "delete",
        "retention.ms": str(days * _DAY_MS),
        "segment.ms": str(_DAY_MS),  # with the default of a week, records would outlive their retention
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
    "cleanup.policy": "compact",  # never with delete: an inactive profile must stay
    "segment.ms": str(_HOUR_MS),
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": str(_DAY_MS),  # the default is no limit: an erasure would have no deadline
    "delete.retention.ms": str(2 * _DAY_MS),
    "max.message.bytes": str(MAX_BATCH_BYTES),
}

_PROGRESS: Mapping[str, str] = {
    **_COMPACT,
    # Rewritten many times a second under a few keys: who reads it from its beginning reads some minutes, not an hour.
    "segment.ms": str(5 * 60_000),
}
