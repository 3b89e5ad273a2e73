"""The dashboards: Overview (is the shop served), Stream (where it is slow), Serve (who reads), Operations (what needs care)."""

from typing import Any

from deploy.panels import CODES, OUTCOMES, PARTITION, QUANTILES, STAGES, STATES, WHERE, Panel, dashboard

APP = 'app=~"$app"'
STAGE = f'{APP}, stage=~"$stage"'
SLO_S = 0.25


def rate(metric: str, by: str, labels: str = APP) -> str:
    """Records a second of a counter."""
    return f"sum by ({by}) (rate(liveprofile_{metric}{{{labels}}}[$__rate_interval]))"


def quantiles(metric: str, labels: str = APP, window: str = "$__rate_interval") -> list[tuple[str, str]]:
    """Median, 95th and 99th percentile of a histogram."""
    buckets = f"sum by (le) (rate(liveprofile_{metric}_bucket{{{labels}}}[{window}]))"
    return [(f"histogram_quantile({q}, {buckets})", name) for q, name in zip((0.5, 0.95, 0.99), QUANTILES, strict=True)]


def worst(metric: str, by: str, labels: str = STAGE) -> str:
    """The largest value of a gauge."""
    return f"max by ({by}) (liveprofile_{metric}{{{labels}}})"


def late(seconds: str) -> str:
    """Share of changes later than the objective."""
    said = f'{APP}, stage="said"'
    within = f'sum(rate(liveprofile_end_to_end_seconds_bucket{{{said}, le="{SLO_S}"}}[{seconds}]))'
    return f"1 - {within} / sum(rate(liveprofile_end_to_end_seconds_count{{{said}}}[{seconds}]))"


REFUSED = (
    f"sum(rate(liveprofile_dead_letters_total{{{APP}}}[$__rate_interval])) / "
    f"sum(rate(liveprofile_events_total{{{APP}}}[$__rate_interval]))"
)
SAID = quantiles("end_to_end_seconds", f'{APP}, stage="said"')
INPUTS = f'{APP}, source!="activity"'

OVERVIEW = [
    ("Now", [
        Panel("Events", "Input records taken", "reqps", [(f'sum(rate(liveprofile_events_total{{{INPUTS}, outcome="accepted"}}[$__rate_interval]))', "")], "stat", 4, 5),
        Panel("Changes", "Changes said", "reqps", [(f"sum(rate(liveprofile_changes_total{{{APP}}}[$__rate_interval]))", "")], "stat", 4, 5),
        Panel("Event to change, p99", "From the input's arrival to the durable change", "s", [(SAID[2][0], "")], "stat", 4, 5, SLO_S),
        Panel("Largest lag", "Age of the oldest record that no stage has processed", "s", [(f"max(liveprofile_consumer_lag_seconds{{{APP}}})", "")], "stat", 4, 5, 30),
        Panel("Refused", "Share of records that went to dead-letters", "percentunit", [(REFUSED, "")], "stat", 4, 5, 0.01),
        Panel("Profiles in memory", "With RocksDB, the latest ones only", "short", [(f"sum(liveprofile_profiles{{{APP}}})", "")], "stat", 4, 5),
    ]),
    ("In", [
        Panel("Input records by topic", "Records that were judged, whatever came of them", "reqps", [(rate("events_total", "source", INPUTS), "{{source}}")]),
        Panel("Input records by outcome", "Refused ones are in dead-letters with the reason", "reqps", [(rate("events_total", "outcome", INPUTS), "{{outcome}}")], names=OUTCOMES[:3]),
        Panel("Refused by reason", "The codes are explained in docs/operations.md, What is refused", "reqps", [(rate("dead_letters_total", "source, reason"), "{{source}} {{reason}}")]),
    ]),
    ("Out", [
        Panel("Changes by path", "Published changes of profiles", "reqps", [(rate("changes_total", "path"), "{{path}}")]),
        Panel("Anomalies", "Raised, updated and cleared, by the hour", "short", [(f"sum by (state) (increase(liveprofile_anomalies_total{{{APP}}}[1h]))", "{{state}}")], names=STATES),
        Panel("Anomalies raised by kind", "By the hour", "short", [(f'sum by (kind) (increase(liveprofile_anomalies_total{{{APP}, state="raised"}}[1h]))', "{{kind}}")]),
    ]),
    ("In time", [
        Panel("Event to change", "From the broker's time of the input to the durable change", "s", SAID, names=QUANTILES, width=12, limit=SLO_S),
        Panel("Later than 250 ms", "Share of changes; the objective is 1% in 30 days", "percentunit", [(late("$__rate_interval"), "now"), (late("6h"), "6 hours")], width=12, limit=0.01),
    ]),
]  # fmt: skip

STREAM = [
    ("Lag", [
        Panel("Lag in seconds", "Age of the oldest record that is not processed, by its broker time", "s", [(worst("consumer_lag_seconds", "stage"), "{{stage}}")], names=STAGES, limit=30),
        Panel("The ten partitions furthest behind", "Lag in seconds", "s", [(f"topk(10, {worst('consumer_lag_seconds', 'stage, topic, partition')})", "{{stage}} {{topic}}/{{partition}}")]),
        Panel("Lag in records", "End of the log less the position", "short", [(f"sum by (stage) (liveprofile_consumer_lag_records{{{STAGE}}})", "{{stage}}")], names=STAGES),
    ]),
    ("Stages", [
        Panel("Records by stage", "Records processed", "reqps", [(rate("stage_records_total", "stage", STAGE), "{{stage}}")], names=STAGES),
        Panel("Time of a batch", "Until it is processed; of ingest and profile until its results are durable", "s", quantiles("stage_run_seconds", STAGE), names=QUANTILES),
        Panel("Size of a batch", "Large batches mean a worker that catches up", "short", quantiles("stage_run_records", STAGE), names=QUANTILES),
        Panel("Event to fold", "When the effect of an event is durable, all events", "s", [(f'sum by (le) (increase(liveprofile_end_to_end_seconds_bucket{{{APP}, stage="folded"}}[$__rate_interval]))', "{{le}}")], "heatmap", 12),
        Panel("Acts folded", "Records of activity by what became of them", "reqps", [(rate("events_total", "outcome", f'{APP}, source="activity"'), "{{outcome}}")], names=OUTCOMES[3:], width=12),
    ]),
    ("Embedding", [
        Panel("Texts", "By where their vector came from", "reqps", [(rate("embed_texts_total", "outcome"), "{{outcome}}")], names=WHERE),
        Panel("Time of a batch of texts", "With its look in the disk cache", "s", quantiles("embed_seconds"), names=QUANTILES),
        Panel("Texts in a batch", "At most ingest.batch_max", "short", quantiles("embed_batch_texts"), names=QUANTILES),
    ]),
    ("Kafka", [
        Panel("Time until durable", "p99 of what stages send, by topic", "s", [(f"histogram_quantile(0.99, sum by (le, topic) (rate(liveprofile_produce_seconds_bucket{{{APP}}}[$__rate_interval])))", "{{topic}}")]),
        Panel("Checkpoints", "Time until one is durable", "s", quantiles("checkpoint_seconds", STAGE), names=QUANTILES),
        Panel("Age of what no checkpoint covers", "After a crash this is processed again", "s", [(worst("checkpoint_age_seconds", "stage"), "{{stage}}")], names=STAGES, limit=30),
    ]),
]  # fmt: skip

REQUESTS = f"sum(rate(liveprofile_http_requests_total{{{APP}}}[$__rate_interval]))"
FAILED = f'sum(rate(liveprofile_http_requests_total{{{APP}, code="5xx"}}[$__rate_interval])) / {REQUESTS}'
READS = quantiles("http_request_seconds")

SERVE = [
    ("Now", [
        Panel("Requests", "Answered, by all services together", "reqps", [(REQUESTS, "")], "stat", 4, 5),
        Panel("Answer, p99", "Until the head of the answer is sent", "s", [(READS[2][0], "")], "stat", 4, 5, 0.05),
        Panel("Failed", "Share of answers with a status of 500 or more", "percentunit", [(FAILED, "")], "stat", 4, 5, 0.01),
        Panel("Behind Kafka", "Age of the oldest proof that nothing is missing", "s", [(f"max(liveprofile_serve_lag_seconds{{{APP}}})", "")], "stat", 4, 5, 5),
        Panel("Profiles", "In the store of the largest service", "short", [(f"max(liveprofile_serve_profiles{{{APP}}})", "")], "stat", 4, 5),
        Panel("Clients of the stream", "Programs and pages that listen", "short", [(f"sum(liveprofile_sse_clients{{{APP}}})", "")], "stat", 4, 5),
    ]),
    ("Requests", [
        Panel("By route", "Answered", "reqps", [(rate("http_requests_total", "route"), "{{route}}")]),
        Panel("By class of the status", "4xx are the callers' mistakes, 5xx are not", "reqps", [(rate("http_requests_total", "code"), "{{code}}")], names=CODES),
        Panel("Time until the answer", "All routes", "s", READS, names=QUANTILES),
        Panel("Time by route", "p99", "s", [(f"histogram_quantile(0.99, sum by (le, route) (rate(liveprofile_http_request_seconds_bucket{{{APP}}}[$__rate_interval])))", "{{route}}")]),
        Panel("Size of answers", "All routes", "bytes", quantiles("http_response_bytes"), names=QUANTILES),
        Panel("Waits for a position", "Readers who want to see their own event", "s", quantiles("serve_wait_seconds"), names=QUANTILES),
    ]),
    ("Following", [
        Panel("Behind Kafka by topic", "Age of the newest proof that nothing is missing, of the worst partition", "s", [(f"max by (topic) (liveprofile_serve_lag_seconds{{{APP}}})", "{{topic}}")], width=12, limit=5),
        Panel("Behind Kafka by service", "One that is late alone has no processor or no network", "s", [(f"max by (instance) (liveprofile_serve_lag_seconds{{{APP}}})", "{{instance}}")], width=12, limit=5),
    ]),
    ("Stream", [
        Panel("Clients", "By service", "short", [(f"sum by (instance) (liveprofile_sse_clients{{{APP}}})", "{{instance}}")], width=6),
        Panel("Events sent", "Each to each client", "reqps", [(rate("sse_frames_total", "event"), "{{event}}")], width=6),
        Panel("Clients that are gone", "In ten minutes; slow ones come back and have lost nothing", "short", [(f"sum by (reason) (increase(liveprofile_sse_closed_total{{{APP}}}[10m]))", "{{reason}}")], width=6),
        Panel("Replays", "Clients that read on from an id, in ten minutes", "short", [(f"sum(increase(liveprofile_sse_replays_total{{{APP}}}[10m]))", "")], width=6),
    ]),
    ("Anomalies", [
        Panel("Open by kind", "As the index of the service has them", "short", [(f"sum by (kind) (max by (kind, severity) (liveprofile_anomalies_open{{{APP}}}))", "{{kind}}")]),
        Panel("Open by severity", "80 and more come first", "short", [(f"sum by (severity) (max by (kind, severity) (liveprofile_anomalies_open{{{APP}}}))", "{{severity}}")]),
        Panel("Raised to allowed", "In 24 hours; 1 is the budget", "short", [(f"max by (app) (liveprofile_alert_budget_ratio{{{APP}}})", "{{app}}")], limit=2),
    ]),
]  # fmt: skip

OPERATIONS = [
    ("Workers", [
        Panel("What runs", "Workers with their versions", "short", [(f"liveprofile_build_info{{{APP}}}", "")], "table", 12, 6),
        Panel("With which settings", "Workers of an application should have the same", "short", [(f"liveprofile_config_info{{{APP}}}", "")], "table", 12, 6),
        Panel("Partitions by state", "All run when the application is well", "short", [(f"sum by (state) (liveprofile_partition_state{{{STAGE}}})", "{{state}}")], names=PARTITION),
        Panel("Time without progress", "Since the last record, or the last look that found none", "s", [(f"max by (stage) (time() - liveprofile_progress_timestamp_seconds{{{STAGE}}})", "{{stage}}")], names=STAGES, limit=60),
        Panel("Rebalances and fencing", "In ten minutes", "short", [(f"max(increase(liveprofile_rebalances_total{{{APP}}}[10m]))", "rebalances"), (f"sum(increase(liveprofile_fenced_total{{{APP}}}[10m]))", "fenced")], limit=3),
    ]),
    ("Machine", [
        Panel("Processor", "Cores by worker", "short", [(f"rate(process_cpu_seconds_total{{{APP}}}[$__rate_interval])", "{{instance}}")]),
        Panel("Memory", "Resident, by worker", "bytes", [(f"process_resident_memory_bytes{{{APP}}}", "{{instance}}")]),
        Panel("State", "Rows of profiles in memory, files of RocksDB", "bytes", [(f"sum by (store) (liveprofile_state_bytes{{{APP}}})", "{{store}}")]),
    ]),
    ("Kafka", [
        Panel("Connected", "1 while a broker answers", "short", [(f"min by (instance) (liveprofile_kafka_connected{{{APP}}})", "{{instance}}")]),
        Panel("Login expires", "Certificate or token, by worker; empty where nothing expires", "s", [(f"min by (instance) (liveprofile_kafka_auth_expires_seconds{{{APP}}})", "{{instance}}")]),
        Panel("Errors of sending", "The worker ends, and goes on from its last checkpoint", "short", [(f"sum by (topic, error) (increase(liveprofile_produce_errors_total{{{APP}}}[10m]))", "{{topic}} {{error}}")]),
    ]),
    ("Models and loading", [
        Panel("Age of models", "Since the newest example that they cover", "s", [(worst("model_age_seconds", "app", APP), "{{app}}")]),
        Panel("Version of models", "Which one is in force", "short", [(worst("model_version", "model", APP), "{{model}}")]),
        Panel("Area under the curve", "Quality of predictions, as of the newest version", "short", [(f'max by (task) (liveprofile_model_score{{{APP}, metric="auc"}})', "{{task}}")]),
        Panel("Time of loading a partition", "From its state topic, or from disk; of the last hour", "s", quantiles("load_seconds", STAGE, "1h"), names=QUANTILES),
    ]),
    ("People", [
        Panel("Profiles erased", "On demand, and idle ones, by the day", "short", [(f"sum by (reason) (increase(liveprofile_erasures_total{{{APP}}}[1d]))", "{{reason}}")]),
        Panel("Oldest erasure that is not kept yet", "Read, but in no durable checkpoint", "s", [(f"max(liveprofile_erasure_oldest_pending_seconds{{{APP}}})", "")], limit=3600),
        Panel("Damped changes", "Due, but kept back by an interval or by the budget", "reqps", [(f"sum(rate(liveprofile_changes_damped_total{{{APP}}}[$__rate_interval]))", "")]),
    ]),
]  # fmt: skip


def dashboards() -> dict[str, dict[str, Any]]:
    """The documents by the names of their files."""
    return {
        "overview": dashboard("overview", "Overview", "Whether the shop is served: in, out, and in time", OVERVIEW),
        "stream": dashboard("stream", "Stream", "Where records wait, and how long each step takes", STREAM),
        "serve": dashboard("serve", "Serve", "Who reads, how fast, how fresh, and who listens", SERVE),
        "operations": dashboard("operations", "Operations", "Workers, Kafka, models, and what needs care", OPERATIONS),
    }
