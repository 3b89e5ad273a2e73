"""All settings with meaning, unit, default and limits, as frozen structs that are filled once at the start.

The file is `liveprofile.toml`; the environment variable of `ingest.batch_deadline_ms` is
LIVEPROFILE_INGEST__BATCH_DEADLINE_MS. `streams/settings/load.py` reads both, `streams/settings/page.py` prints them.
"""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr, replace

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.settings.time_zone import local_time


class Secret:
    """A hidden value: its repr, str and format are stars, and only `reveal` returns it.

    >>> Secret("s3cr3t")
    Secret(***)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; never log it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled: pass the file that holds it instead")


def _doc(meaning: str, unit: str = "", *, shape: str = "", **limits: float | int | str) -> Meta:
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
        float, _doc("Longest wait of a text for others to be embedded with", "ms", ge=0, le=1000)
    ] = 4.0
    batch_max: Annotated[int, _doc("Most texts embedded in one call of the model", "texts", ge=1, le=1024)] = 32
    clock_skew_s: Annotated[
        float,
        _doc(
            "Usual lead of a client's clock. An event after its arrival is always put back to it; with a larger lead "
            "it is flagged and counted as well",
            "s",
            ge=0,
            le=86_400,
        ),
    ] = 300.0
    oldest_event_days: Annotated[
        float,
        _doc(
            "How long before its arrival an event may lie. An older one is a wrong clock's and refused, unless its "
            "record has the Kafka header `replayed`, as those of `liveprofile replay` have",
            "days",
            gt=0,
            le=36_500,
        ),
    ] = 366.0
    exchange_rates: Annotated[
        str,
        _doc(
            "CSV file with the columns date, currency and rate: from that day on (UTC), one unit of the currency costs "
            "so much of the setting `currency`. Amounts are converted at ingest, by the event's time; the file is read "
            "again when it changes. Empty: amounts in other currencies are unknown",
            shape="a path",
        ),
    ] = ""
    exchange_rate_days: Annotated[
        float,
        _doc("Days after its own for which a rate holds without a newer one", "days", ge=0, le=36_525),
    ] = 31.0
    placeholders: Annotated[
        tuple[str, ...],
        _doc(
            "Words for nothing in your records, in any case: as an id, a brand, a category or a title",
            shape="a list of words",
        ),
    ] = ()
    heavy_share: Annotated[
        float,
        _doc("A shopper with this share of the events of ten minutes is named in the log; 1: none", ge=0.0001, le=1),
    ] = 0.02
    cache_entries: Annotated[
        int, _doc("Texts with vectors in memory at most; more are on disk", "texts", ge=0, le=100_000_000)
    ] = 200_000
    cache_disk_mb: Annotated[
        float,
        _doc(
            "Largest size of the text cache on disk, about 500 bytes a text; the texts unused for longest go first",
            "MiB",
            ge=1,
            le=1_000_000,
        ),
    ] = 1_024.0
    embed_threads: Annotated[int, _doc("Threads that the model runs on", "threads", ge=1, le=256)] = 1
    raw_dead_letters: Annotated[
        bool,
        _doc(
            "Whether dead letters keep refused records as they were sent, with user ids and all that is in them. For "
            "the search of a fault only: each worker warns of it"
        ),
    ] = False


class Profile(Section, frozen=True):
    """The profile stage: folds activity into profiles and publishes changes."""

    checkpoint_s: Annotated[
        float, _doc("Longest time between two checkpoints of a partition's profiles", "s", gt=0, le=60)
    ] = 1.0
    checkpoint_max_profiles: Annotated[
        int, _doc("Number of touched profiles that makes a checkpoint due at once", "profiles", ge=1, le=1_000_000)
    ] = 20_000
    tick_s: Annotated[
        float, _doc("Time between two ticks of a partition; ticks bring time to the profiles", "s", gt=0, le=3600)
    ] = 5.0
    state: Annotated[
        Literal["memory", "rocksdb"],
        _doc(
            "Where a worker keeps its profiles: all in memory, or in RocksDB under data_dir with the latest in memory "
            "(`pip install liveprofile[rocksdb]`)"
        ),
    ] = "memory"
    rows_in_memory: Annotated[
        int,
        _doc(
            "With rocksdb: profiles that a worker keeps in memory, shared evenly by its partitions; about 4.6 KB each, "
            "with 5 KB more for one with orders, besides 128 MB for RocksDB itself",
            "profiles",
            ge=0,
            le=1_000_000_000,
        ),
    ] = 500_000
    forget_after_days: Annotated[
        float,
        _doc(
            "Time without an activity after which a profile is erased; a shopper who comes back begins anew. 0 keeps "
            "profiles until they are erased on demand. Long enough is what the shop's privacy notice says, such as 730",
            "days",
            ge=0,
            le=36_525,
        ),
    ] = 0.0
    policy: Annotated[Policy, _doc("The rules of the fold: half-lives, weights, thresholds")] = Policy()

    def __post_init__(self) -> None:
        """The fold reads it from its policy, whose digest names it in every fact."""
        if self.forget_after_days:
            force_setattr(self, "policy", self.policy.changed({"forget_after_days": self.forget_after_days}))


class Learn(Section, frozen=True):
    """The learn stage: clusters, predictions, anomalies, sentiment and cold start, learnt from all profiles."""

    clusterer: Annotated[
        Literal["kmeans", "streamkmeans", "dbstream"], _doc("The algorithm that clusters profiles")
    ] = "kmeans"
    clusters: Annotated[
        int, _doc("Clusters that kmeans and streamkmeans keep; dbstream finds its own number", ge=2, le=1024)
    ] = 16
    first_model_after: Annotated[
        int, _doc("Examples before the first model is published", "examples", ge=1, le=10_000_000)
    ] = 500
    model_every: Annotated[int, _doc("Examples between two models", "examples", ge=1, le=100_000_000)] = 5_000
    alert_budget: Annotated[
        float, _doc("False anomalies allowed per day and 1,000 active users", "anomalies", gt=0, le=1000)
    ] = 5.0
    keep_versions: Annotated[int, _doc("Versions kept on the models topic", "models", ge=2, le=1000)] = 5


class Items(Section, frozen=True):
    """The items stage: data of items, and co-occurring items."""

    half_life_s: Annotated[
        float, _doc("Half-life of an item's popularity and of its co-occurrences", "s", ge=60, le=10 * 365 * 86_400)
    ] = 30 * 86_400.0
    checkpoint_s: Annotated[
        float, _doc("Longest time between two checkpoints of a partition's items", "s", gt=0, le=600)
    ] = 5.0
    checkpoint_max_pairs: Annotated[
        int, _doc("Number of counted pairs that makes a checkpoint due at once", "pairs", ge=1, le=100_000_000)
    ] = 1_000_000
    forget_after_days: Annotated[
        float, _doc("Days without an event after which an item leaves; 0 keeps items for good", "days", ge=0, le=36_525)
    ] = 400.0
    remembered: Annotated[
        int, _doc("Items that ingest remembers, to send only changed ones", "items", ge=1, le=100_000_000)
    ] = 200_000


class Worker(Section, frozen=True):
    """The worker: its stages, and its membership in the consumer group."""

    stages: Annotated[
        tuple[Literal["ingest", "profile", "learn", "items"], ...], _doc("Stages that this worker runs", min_length=1)
    ] = ("ingest", "profile", "learn", "items")
    commit_interval_s: Annotated[float, _doc("Time between two commits of offsets", "s", gt=0, le=60)] = 1.0
    session_timeout_s: Annotated[
        float, _doc("Time without a heartbeat after which the group removes a worker", "s", ge=6, le=300)
    ] = 20.0
    heartbeat_s: Annotated[
        float, _doc("Time between two heartbeats; at most a third of session_timeout_s", "s", gt=0, le=100)
    ] = 3.0
    probe_port: Annotated[int, _doc("HTTP port of the probes /livez and /readyz; 0: no probes", ge=0, le=65_535)] = 0
    probe_host: Annotated[
        str, _doc("Address that the probes listen on; 0.0.0.0 for requests from other machines", min_length=1)
    ] = "127.0.0.1"
    max_poll_records: Annotated[int, _doc("Records of one partition in a batch", "records", ge=1, le=100_000)] = 4096
    max_record_bytes: Annotated[
        int,
        _doc(
            "Largest record that a worker writes; at most max.message.bytes of the topics, which is 4 MiB",
            "bytes",
            ge=256 * 1024,
            le=4_000_000,
        ),
    ] = 1_000_000
    instance_id: Annotated[
        str,
        _doc(
            "Name of this worker for static membership, unique in the group: a worker that is killed and started again "
            "within session_timeout_s gets its partitions back at once. After an orderly stop they are also unassigned "
            "for that time. Of two workers with one name, the older one ends with an error. Empty means none",
            pattern=r"^[A-Za-z0-9._-]{0,249}$",
        ),
    ] = ""


class Log(Section, frozen=True):
    """The log, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], _doc("Least severity that is logged")] = "info"
    format: Annotated[
        Literal["auto", "pretty", "json"], _doc("Lines for people or JSON lines; auto is pretty on a terminal")
    ] = "auto"


class Settings(Section, frozen=True):
    """Settings of all parts."""

    app_id: Annotated[
        str,
        _doc(
            "Name of the application: of its consumer group, and in the names of internal topics. Public topics do "
            "not have it in their names: a second application on one cluster needs its own topic_prefix",
            pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$",
        ),
    ] = "liveprofile"
    bootstrap: Annotated[
        str,
        _doc(
            "Kafka to talk to, HOST:PORT separated by commas; empty means the embedded broker's",
            shape="HOST:PORT, or several with commas",
        ),
    ] = ""
    data_dir: Annotated[str, _doc("Folder for the embedded broker, caches and the created key", min_length=1)] = (
        ".liveprofile"
    )
    model_dir: Annotated[str, _doc("Folder of the exported model; empty means `model` in data_dir", shape="a path")] = (
        ""
    )
    topic_prefix: Annotated[
        str,
        _doc(
            "Beginning of the names of all topics and consumer groups. Each application on a cluster needs its own: "
            "a second one is refused on the topics of the first",
            pattern=r"^[a-z0-9._-]{0,99}$",
        ),
    ] = ""
    prefix_internal_topics: Annotated[
        bool,
        _doc(
            "Whether internal topics and consumer groups begin with topic_prefix, too; false only for an application "
            "that was made before they did (docs/operations.md, Several shops)"
        ),
    ] = True
    partitions: Annotated[int, _doc("Partitions of the topics; fixed once they exist", ge=1, le=10_000)] = 4
    replication: Annotated[int, _doc("Copies of each partition; at least 3 in production", ge=1, le=32)] = 1
    pseudonym_key: Annotated[
        Secret | None,
        _doc(
            "Key that user ids are pseudonymised under; at least 16 characters. Secret", shape="at least 16 characters"
        ),
    ] = None
    pseudonym_key_file: Annotated[
        str,
        _doc(
            "File that holds the key; without both, the one in data_dir, created only beside the embedded broker",
            shape="a path",
        ),
    ] = ""
    currency: Annotated[
        str,
        _doc(
            "The currency of spend, ISO 4217; amounts in another currency count as unknown, unless "
            "`ingest.exchange_rates` has a rate",
            pattern=r"^[A-Z]{3}$",
        ),
    ] = "EUR"
    timezone: Annotated[
        str,
        _doc(
            "The shop's time zone, for hours, days of the week and what rules make of them; a name of the IANA "
            "database, such as Europe/Berlin",
            min_length=1,
            shape="a time zone",
        ),
    ] = "UTC"
    ingest: Ingest = Ingest()
    profile: Profile = Profile()
    learn: Learn = Learn()
    items: Items = Items()
    worker: Worker = Worker()
    log: Log = Log()

    def __post_init__(self) -> None:
        """The fold reads the time zone from its policy, whose digest names it in every fact."""
        if self.timezone != "UTC":
            policy = self.profile.policy.changed({"local_time": local_time(self.timezone)})
            force_setattr(self, "profile", replace(self.profile, policy=policy))

    @property
    def topics(self) -> Topics:
        """The application's topics."""
        return Topics(self.app_id, self.partitions, self.topic_prefix, self.prefix_internal_topics)

    @property
    def data_path(self) -> Path:
        """`data_dir` as a path."""
        return Path(self.data_dir)

    @property
    def model_path(self) -> Path:
        """The folder of the exported model."""
        return Path(self.model_dir) if self.model_dir else self.data_path / "model"
