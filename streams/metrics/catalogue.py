"""The catalogue: every metric with its type, labels and meaning. What is scraped and docs/metrics.md come from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from liveprofile.streams.metrics.histogram import BYTES, HTTP_S, LATENCY_S, LOAD_S, SIZES
from liveprofile.streams.metrics.metric import Metric, counter, gauge, histogram, of_service

LABELS: Mapping[str, str] = {
    "stage": "`ingest`, `profile`, `learn`, `items`",
    "topic": "the topics of the application",
    "source": "the inputs by their names without `topic_prefix`, and `activity`",
    "partition": "the numbers of partitions",
    "path": "the first words of the paths in docs/reference.md",
    "kind": "",
    "model": "the models in docs/reference.md",
    "route": "the paths in the description of the interface (`GET /v1/openapi.json`), and `other`",
    "method": "`GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`, `other`",
    "code": "`2xx`, `3xx`, `4xx`, `5xx`",
}
"""Where the values of labels come from that several metrics have. None is an id, a text or an address."""

BUILD_INFO = replace(
    gauge("build_info", "1, with what runs in its labels", "version", "python", "kafka_client"), process="worker, serve"
)
CONFIG_INFO = gauge(
    "config_info",
    "1, with digests in its labels: of the settings, and of the rules of the fold (profile.policy). Workers of one "
    "application have the same",
    "config",
    "policy",
    config="the first 12 hex digits of a SHA-256; the key and the names of hosts are not in it",
    policy="the digest that facts name",
)

EVENTS = counter(
    "events_total",
    "Records by what became of them. Of inputs: accepted, refused (a dead letter has the reason) or passed over "
    "(valid, but no act of a shopper). Of `activity`: applied, repeated (written twice after a crash, or read again), "
    "duplicate (the client sent it again), erased (its profile is erased) or unreadable",
    "source",
    "outcome",
    outcome="`accepted`, `refused`, `passed_over`; of `activity`: `applied`, `repeated`, `duplicate`, `erased`, "
    "`unreadable`",
)
DEAD_LETTERS = counter(
    "dead_letters_total", "Records that went to dead-letters", "source", "reason", reason="codes in docs/reference.md"
)
ACTIVITIES = counter(
    "activities_total",
    "Records of `activity` that were folded: acts of shoppers, and control records (ticks, models, erasures)",
    "kind",
    kind="`event`, `control`",
)
CHANGES = counter(
    "changes_total",
    "Changes that are durable on profile-changes; a record can hold several",
    "path",
    "origin",
    origin="`live`, `replay`, `timer`, `merge`, `erasure`, `feedback`",
)
CHANGES_DAMPED = counter("changes_damped_total", "Changes that were due, but that an interval or the budget kept back")
ANOMALIES = counter(
    "anomalies_total",
    "Records that are durable on profile-anomalies",
    "kind",
    "state",
    kind="anomalies in docs/reference.md",
    state="`raised`, `updated`, `cleared`",
)
ERASURES = counter(
    "erasures_total", "Profiles that were erased", "reason", reason="`demand`, `idle` (profile.forget_after_days)"
)
ERASURE_PENDING = gauge(
    "erasure_oldest_pending_seconds",
    "Age, by its broker time, of the oldest erasure that the worker has read and whose checkpoint is not durable; 0 if "
    "there is none. Erasures that are not read yet wait as long as `consumer_lag_seconds` of the stage `profile` says",
)

STAGE_RECORDS = counter("stage_records_total", "Records that a stage has processed", "stage")
STAGE_RUN_SECONDS = histogram(
    "stage_run_seconds",
    LATENCY_S,
    "Time that a record batch took in its stage; of ingest and profile until what follows from it is durable",
    "stage",
)
STAGE_RUN_RECORDS = histogram("stage_run_records", SIZES, "Records of a batch", "stage")
END_TO_END_SECONDS = histogram(
    "end_to_end_seconds",
    LATENCY_S,
    "From the broker's time of an input record to a durable effect, by this worker's clock: every activity (folded), "
    "and those facts that an activity caused (said). Records that ingest wrote together count with their mean time of "
    "arrival; records that an older worker's ingest wrote do not count",
    "stage",
    stage="`folded`, `said`",
)
LAG_RECORDS = gauge(
    "consumer_lag_records",
    "End of the partition less the position: what is not processed yet, whether it was fetched or not",
    "stage",
    "topic",
    "partition",
)
LAG_SECONDS = gauge(
    "consumer_lag_seconds",
    "Age of the oldest record that is not processed, by its broker time; 0 if there is none. Before that record is "
    "fetched, its time is not known: then since the worker first saw it",
    "stage",
    "topic",
    "partition",
)
PROGRESS = gauge(
    "progress_timestamp_seconds",
    "When the partition last moved, or had nothing to do; Unix time",
    "stage",
    "topic",
    "partition",
)
PARTITION_STATE = gauge(
    "partition_state",
    "1 for the state that the partition is in, 0 for the others",
    "stage",
    "topic",
    "partition",
    "state",
    state="`loading`, `running`, `fenced` (the worker may not write any more, and ends)",
)
LOAD_RECORDS = counter("load_records_total", "Records of state that were read to load partitions", "stage")
LOAD_SECONDS = histogram("load_seconds", LOAD_S, "Time that a partition took to load", "stage")
CHECKPOINT_SECONDS = histogram("checkpoint_seconds", LATENCY_S, "Time until a checkpoint was durable", "stage")
CHECKPOINT_AGE = gauge(
    "checkpoint_age_seconds",
    "Age of the oldest batch that no durable checkpoint covers; 0 if there is none",
    "stage",
    "partition",
)
CHECKPOINT_PROFILES = histogram("checkpoint_profiles", SIZES, "Profiles and names that a checkpoint wrote")
REBALANCES = counter("rebalances_total", "How often the group gave this worker its partitions")
FENCED = counter("fenced_total", "1 once this worker may not write any more, because its partitions are another's")

PRODUCE_SECONDS = histogram(
    "produce_seconds", LATENCY_S, "Time until what a stage sent was durable, of each topic that was in it", "topic"
)
PRODUCE_ERRORS = counter(
    "produce_errors_total",
    "What a stage sent and may not be in Kafka; the worker ends",
    "topic",
    "error",
    error="`fenced`, `timeout`, `kafka`",
)
PROFILES = gauge(
    "profiles",
    'Profiles in memory; with profile.state = "rocksdb" those are the latest ones only',
    "partition",
)
STATE_BYTES = gauge(
    "state_bytes",
    "Size of the state: rows in memory, files of RocksDB on disk",
    "store",
    store="`memory`, `rocksdb`",
)
EMBED_TEXTS = counter(
    "embed_texts_total",
    "Texts by where their vector came from; shared: another event had asked for the same text just before",
    "outcome",
    outcome="`memory`, `shared`, `disk`, `model`",
)
EMBED_SECONDS = histogram("embed_seconds", LATENCY_S, "Time of a batch of texts, with its look in the disk cache")
EMBED_BATCH_TEXTS = histogram("embed_batch_texts", SIZES, "Texts of a batch")
MODEL_VERSION = gauge("model_version", "Version of the model in force", "model")
MODEL_AGE = gauge(
    "model_age_seconds",
    "Time since the newest example that the newest version of the models covers; of the worker that learns",
)
MODEL_SCORE = gauge(
    "model_score",
    "Quality of the models, judged on what was not known when they judged, as of the newest version; of the worker "
    "that learns",
    "model",
    "task",
    "metric",
    task="what the model estimates, as in the details of `ModelScored`",
    metric="`auc`, `pr_auc`, `log_loss`, `calibration_error`, and of what they are compared with `rate_log_loss`, "
    "`recency_auc`",
)
ITEMS = gauge("items", "Items in memory", "partition")
NEIGHBOUR_PAIRS = counter("neighbour_pairs_total", "Pairs of items that were counted")

KAFKA_CONNECTED = gauge("kafka_connected", "1 while a broker answers, as far as attempts to connect have told; else 0")
KAFKA_AUTH_EXPIRES = gauge(
    "kafka_auth_expires_seconds",
    "Time until what this worker logs in with expires; absent where nothing expires, or it is not known",
)
KAFKA_REAUTH = counter(
    "kafka_reauth_total",
    "How often a connection was given newer credentials, or was to be given some",
    "outcome",
    outcome="`reauthenticated` (the same connection), `reconnected` (a new one), `failed`",
)

HTTP_REQUESTS = of_service(
    counter(
        "http_requests_total",
        "Requests that were answered; files of the page are not counted",
        "route",
        "method",
        "code",
    )
)
HTTP_SECONDS = of_service(
    histogram(
        "http_request_seconds",
        HTTP_S,
        "Time until the head of the answer was sent; of the stream until it began",
        "route",
        "method",
        "code",
    )
)
HTTP_BYTES = of_service(
    histogram(
        "http_response_bytes",
        BYTES,
        "Bodies of answers as they were made, before TLS",
        "route",
        "method",
        "code",
    )
)
SERVE_LAG = of_service(
    gauge(
        "serve_lag_seconds",
        "How old the newest proof is that nothing of the partition is missing in answers: below a second while the "
        "service follows, for which it asks twice a second; before the first proof, since the start",
        "topic",
        "partition",
    )
)
SERVE_PROFILES = of_service(gauge("serve_profiles", "Profiles in the store of the service"))
SERVE_WAIT = of_service(
    histogram(
        "serve_wait_seconds",
        LATENCY_S,
        "Waits of readers for a position (`Liveprofile-After` with `Prefer: wait`)",
        "outcome",
        outcome="`reached`, `given_up`",
    )
)
ANOMALIES_OPEN = of_service(
    gauge(
        "anomalies_open",
        "Anomalies that are open. The service has all of them in its index; workers have them in rows that compiled "
        "code reads, where a count would read every profile",
        "kind",
        "severity",
        kind="anomalies in docs/reference.md",
        severity="`0-49`, `50-79`, `80-100`",
    )
)
ALERT_BUDGET = of_service(
    gauge(
        "alert_budget_ratio",
        "Anomalies that were raised in the last 24 hours, by the hour of their first event, to what "
        "`learn.alert_budget` of the service's settings allows for the shoppers of these hours; absent without any",
    )
)
SSE_CLIENTS = of_service(gauge("sse_clients", "Clients of the stream"))
SSE_FRAMES = of_service(
    counter(
        "sse_frames_total",
        "Events that were sent to clients of the stream, each to each counted",
        "event",
        event="`change`, `anomaly`, `live`, `reset`",
    )
)
SSE_CLOSED = of_service(
    counter(
        "sse_closed_total",
        "Clients of the stream that are gone",
        "reason",
        reason="`left` (the client went), `slow` (it did not take a megabyte), `gone` (the service ended), "
        "`auth` (its token did)",
    )
)
SSE_REPLAYS = of_service(
    counter("sse_replays_total", "Clients that went on at an id, and read from Kafka what they missed")
)

CATALOGUE: Sequence[Metric] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of the page."""
