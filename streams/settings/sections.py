"""The tables of the settings file, one a part of the system."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from liveprofile.profiles.kernel.policy import Policy


def doc(meaning: str, unit: str = "", *, shape: str = "", **limits: float | int | str) -> Meta:
    """The documentation of one setting, with its limits (ge, gt, le, lt, pattern, min_length).

    `shape` says in words what `load` checks besides.
    """
    meta: Meta = Meta(description=meaning, extra={"unit": unit, "shape": shape}, **limits)  # type: ignore[call-overload]  # it has an overload for each pair of limits
    return meta


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file; its docstring becomes the table's introduction."""


class Ingest(Section, frozen=True):
    """The ingest stage: validates, scrubs, pseudonymises and embeds the input."""

    batch_deadline_ms: Annotated[
        float, doc("Longest wait of a text for others to be embedded with", "ms", ge=0, le=1000)
    ] = 4.0
    batch_max: Annotated[int, doc("Most texts embedded in one call of the model", "texts", ge=1, le=1024)] = 32
    clock_skew_s: Annotated[
        float,
        doc(
            "Usual lead of a client's clock. An event after its arrival is always put back to it; with a larger lead "
            "it is flagged and counted as well",
            "s",
            ge=0,
            le=86_400,
        ),
    ] = 300.0
    oldest_event_days: Annotated[
        float,
        doc(
            "How long before its arrival an event may lie. An older one is a wrong clock's and refused, unless its "
            "record has the Kafka header `replayed`, as those of `liveprofile replay` have",
            "days",
            gt=0,
            le=36_500,
        ),
    ] = 366.0
    exchange_rates: Annotated[
        str,
        doc(
            "CSV file with the columns date, currency and rate: from that day on (UTC), one unit of the currency costs "
            "so much of the setting `currency`. Amounts are converted at ingest, by the event's time; the file is read "
            "again when it changes. Empty: amounts in other currencies are unknown",
            shape="a path",
        ),
    ] = ""
    exchange_rate_days: Annotated[
        float,
        doc("Days after its own for which a rate holds without a newer one", "days", ge=0, le=36_525),
    ] = 31.0
    placeholders: Annotated[
        tuple[str, ...],
        doc(
            "Words for nothing in your records, in any case: as an id, a brand, a category or a title",
            shape="a list of words",
        ),
    ] = ()
    heavy_share: Annotated[
        float,
        doc("A shopper with this share of the events of ten minutes is named in the log; 1: none", ge=0.0001, le=1),
    ] = 0.02
    cache_entries: Annotated[
        int, doc("Texts with vectors in memory at most; more are on disk", "texts", ge=0, le=100_000_000)
    ] = 200_000
    cache_disk_mb: Annotated[
        float,
        doc(
            "Largest size of the text cache on disk, about 500 bytes a text; the texts unused for longest go first",
            "MiB",
            ge=1,
            le=1_000_000,
        ),
    ] = 1_024.0
    embed_threads: Annotated[int, doc("Threads that the model runs on", "threads", ge=1, le=256)] = 1
    raw_dead_letters: Annotated[
        bool,
        doc(
            "Whether dead letters keep refused records as they were sent, with user ids and all that is in them. For "
            "the search of a fault only: each worker warns of it"
        ),
    ] = False


class Profile(Section, frozen=True):
    """The profile stage: folds activity into profiles and publishes changes."""

    checkpoint_s: Annotated[
        float, doc("Longest time between two checkpoints of a partition's profiles", "s", gt=0, le=60)
    ] = 1.0
    checkpoint_max_profiles: Annotated[
        int, doc("Number of touched profiles that makes a checkpoint due at once", "profiles", ge=1, le=1_000_000)
    ] = 20_000
    tick_s: Annotated[
        float, doc("Time between two ticks of a partition; ticks bring time to the profiles", "s", gt=0, le=3600)
    ] = 5.0
    state: Annotated[
        Literal["memory", "rocksdb"],
        doc(
            "Where a worker keeps its profiles: all in memory, or in RocksDB under data_dir with the latest in memory "
            "(`pip install liveprofile[rocksdb]`)"
        ),
    ] = "memory"
    rows_in_memory: Annotated[
        int,
        doc(
            "With rocksdb: profiles that a worker keeps in memory, shared evenly by its partitions; about 4.6 KB each, "
            "with 5 KB more for one with orders, besides 128 MB for RocksDB itself",
            "profiles",
            ge=0,
            le=1_000_000_000,
        ),
    ] = 500_000
    forget_after_days: Annotated[
        float,
        doc(
            "Time without an activity after which a profile is erased; a shopper who comes back begins anew. 0 keeps "
            "profiles until they are erased on demand. Long enough is what the shop's privacy notice says, such as 730",
            "days",
            ge=0,
            le=36_525,
        ),
    ] = 0.0
    policy: Annotated[Policy, doc("The rules of the fold: half-lives, weights, thresholds")] = Policy()

    def __post_init__(self) -> None:
        """The fold reads it from its policy, whose digest names it in every fact."""
        if self.forget_after_days:
            force_setattr(self, "policy", self.policy.changed({"forget_after_days": self.forget_after_days}))


class Learn(Section, frozen=True):
    """The learn stage: clusters, predictions, anomalies, sentiment and cold start, learnt from all profiles."""

    clusterer: Annotated[Literal["kmeans", "streamkmeans", "dbstream"], doc("The algorithm that clusters profiles")] = (
        "kmeans"
    )
    clusters: Annotated[
        int, doc("Clusters that kmeans and streamkmeans keep; dbstream finds its own number", ge=2, le=1024)
    ] = 16
    first_model_after: Annotated[
        int, doc("Examples before the first model is published", "examples", ge=1, le=10_000_000)
    ] = 500
    model_every: Annotated[int, doc("Examples between two models", "examples", ge=1, le=100_000_000)] = 5_000
    alert_budget: Annotated[
        float, doc("False anomalies allowed per day and 1,000 active users", "anomalies", gt=0, le=1000)
    ] = 5.0
    keep_versions: Annotated[int, doc("Versions kept on the models topic", "models", ge=2, le=1000)] = 5


class Items(Section, frozen=True):
    """The items stage: data of items, and co-occurring items."""

    half_life_s: Annotated[
        float, doc("Half-life of an item's popularity and of its co-occurrences", "s", ge=60, le=10 * 365 * 86_400)
    ] = 30 * 86_400.0
    checkpoint_s: Annotated[
        float, doc("Longest time between two checkpoints of a partition's items", "s", gt=0, le=600)
    ] = 5.0
    checkpoint_max_pairs: Annotated[
        int, doc("Number of counted pairs that makes a checkpoint due at once", "pairs", ge=1, le=100_000_000)
    ] = 1_000_000
    forget_after_days: Annotated[
        float, doc("Days without an event after which an item leaves; 0 keeps items for good", "days", ge=0, le=36_525)
    ] = 400.0
    remembered: Annotated[
        int, doc("Items that ingest remembers, to send only changed ones", "items", ge=1, le=100_000_000)
    ] = 200_000


class Worker(Section, frozen=True):
    """The worker: its stages, and its membership in the consumer group."""

    stages: Annotated[
        tuple[Literal["ingest", "profile", "learn", "items"], ...], doc("Stages that this worker runs", min_length=1)
    ] = ("ingest", "profile", "learn", "items")
    commit_interval_s: Annotated[float, doc("Time between two commits of offsets", "s", gt=0, le=60)] = 1.0
    session_timeout_s: Annotated[
        float, doc("Time without a heartbeat after which the group removes a worker", "s", ge=6, le=300)
    ] = 20.0
    heartbeat_s: Annotated[
        float, doc("Time between two heartbeats; at most a third of session_timeout_s", "s", gt=0, le=100)
    ] = 3.0
    latency_target_ms: Annotated[
        float,
        doc(
            "How much later a change may be published so that events are processed together: under light load this "
            "saves most of the processor time; 0 publishes at once",
            "ms",
            ge=0,
            le=10_000,
        ),
    ] = 25.0
    probe_port: Annotated[
        int,
        doc("HTTP port of the probes /livez, /readyz and /startupz, and of /metrics; 0: none of them", ge=0, le=65_535),
    ] = 0
    probe_host: Annotated[
        str, doc("Address that probes and metrics listen on; 0.0.0.0 for requests from other machines", min_length=1)
    ] = "127.0.0.1"
    stall_s: Annotated[
        float,
        doc(
            "How long a partition with work may stand still before /livez says so: the supervisor then restarts the "
            "worker. Time in which Kafka does not answer, and the load of a partition, do not count",
            "s",
            ge=10,
            le=86_400,
        ),
    ] = 120.0
    max_poll_records: Annotated[int, doc("Records of one partition in a batch", "records", ge=1, le=100_000)] = 4096
    max_record_bytes: Annotated[
        int,
        doc(
            "Largest record that a worker writes; at most max.message.bytes of the topics, which is 4 MiB",
            "bytes",
            ge=256 * 1024,
            le=4_000_000,
        ),
    ] = 1_000_000
    instance_id: Annotated[
        str,
        doc(
            "Name of this worker for static membership, unique in the group: a worker that is killed and started again "
            "within session_timeout_s gets its partitions back at once. After an orderly stop they are also unassigned "
            "for that time. Of two workers with one name, the older one ends with an error. Empty means none",
            pattern=r"^[A-Za-z0-9._-]{0,249}$",
        ),
    ] = ""


class Log(Section, frozen=True):
    """The log, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], doc("Least severity that is logged")] = "info"
    format: Annotated[
        Literal["auto", "pretty", "json"], doc("Lines for people or JSON lines; auto is pretty on a terminal")
    ] = "auto"
