"""The schemas of the chart's own values: images, secrets, workloads, and what it adds for other operators."""

from typing import Any

PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
FREE: dict[str, Any] = {"type": "object"}
LIST: dict[str, Any] = {"type": "array"}


def table(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has these properties and no others."""
    words = {"description": description} if description else {}
    return {"type": "object", **words, "additionalProperties": False, "properties": properties}


def text(description: str, **limits: Any) -> dict[str, Any]:
    """A text."""
    return {"type": "string", "description": description, **limits}


def number(description: str, least: int = 0, **limits: Any) -> dict[str, Any]:
    """A whole number."""
    return {"type": "integer", "description": description, "minimum": least, **limits}


def flag(description: str) -> dict[str, Any]:
    """True or false."""
    return {"type": "boolean", "description": description}


def secret(what: str) -> dict[str, Any]:
    """A key of a Secret that exists; the chart makes none, and no value holds one."""
    return table(
        what, {"existingSecret": text("Name of a Secret in the release's namespace"), "key": text("Key in the Secret")}
    )


def workload(**more: Any) -> dict[str, Any]:
    """What may differ between the workloads of the stages."""
    return table(
        "",
        {
            "replicas": number("Pods; at most as many as partitions are of use"),
            "resources": FREE,
            "dataSize": text("Size limit of the data folder where it is an emptyDir"),
            "nodeSelector": FREE,
            "tolerations": LIST,
            "affinity": FREE,
            "topologySpreadConstraints": LIST,
            "priorityClassName": text("Name of a PriorityClass"),
            "podAnnotations": FREE,
            "podLabels": FREE,
            "extraEnv": LIST,
            **more,
        },
    )


_AUTOSCALING = table(
    "Workers of the ingest stage by KEDA, on the largest lag in seconds",
    {
        "enabled": flag("Whether KEDA scales the ingest stage; `replicas` then has no effect"),
        "prometheusAddress": text("URL of the Prometheus that KEDA asks"),
        "lagSeconds": number("Lag above which pods are added", 1),
        "minReplicas": number("Fewest pods", 1),
        "maxReplicas": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "Most pods; empty: as many as partitions. More have nothing to do",
        },
        "podsAddedPerMinute": number("Most pods that are added in a minute", 1),
        "scaleDownStabilisationSeconds": number("Time that the lag must have been low before a pod goes", 60),
        "triggerAuthentication": text("Name of a TriggerAuthentication, if Prometheus asks who it is"),
    },
)
_STORAGE = table(
    "The volume of a pod, if profiles are on disk (settings.profile.state: rocksdb)",
    {"size": text("Size of the volume"), "storageClassName": text("Empty: the cluster's default")},
)

CHART_VALUES: dict[str, Any] = {
    "nameOverride": text("Name instead of the chart's", maxLength=40),
    "fullnameOverride": text("Name of all resources instead of the release's", maxLength=40),
    "image": table(
        "The image of the Dockerfile, in a registry of yours",
        {
            "repository": text("Registry and name", minLength=1),
            "tag": text("Empty: the chart's appVersion"),
            "digest": text("Goes before the tag", pattern="^(sha256:[0-9a-f]{64})?$"),
            "pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
        },
    ),
    "imagePullSecrets": LIST,
    "pseudonymKey": secret("The key that user ids are pseudonymised under; the ingest stage alone gets it"),
    "kafka": table(
        "Secrets of the connection to Kafka; the rest of it is in settings.kafka",
        {
            "password": secret("Password of settings.kafka.username"),
            "clientSecret": secret("Password of settings.kafka.client_id at token_url"),
            "ca": secret("Authorities whose certificates are trusted, PEM"),
            "certificate": table(
                "Certificate and private key of the client, PEM",
                {
                    "existingSecret": text("Name of a Secret, such as one of type kubernetes.io/tls"),
                    "certificateKey": text("Key of the certificate"),
                    "privateKeyKey": text("Key of the private key"),
                },
            ),
            "keyPassword": secret("Password of an encrypted private key"),
        },
    ),
    "exchangeRates": table(
        "The CSV file of the setting ingest.exchange_rates",
        {"configMap": text("Name of a ConfigMap"), "key": text("Key in the ConfigMap")},
    ),
    "stages": table(
        "One workload a stage",
        {
            "ingest": workload(autoscaling=_AUTOSCALING),
            "profile": workload(storage=_STORAGE),
            "items": workload(),
            "learn": workload(replicas=number("Pods: the topics of this stage have one partition", 0, maximum=1)),
        },
    ),
    "probes": table(
        "The HTTP port of probes and metrics",
        {
            "port": PORT,
            "startupSeconds": number("Longest time until a worker has compiled, joined and loaded its partitions", 60),
        },
    ),
    "terminationGracePeriodSeconds": number("Time for a worker to settle after SIGTERM", 30),
    "topicsJob": table(
        "A job before each install and upgrade that runs `liveprofile topics create`",
        {"enabled": flag("Not with strimzi.topics, which makes them, too"), "resources": FREE},
    ),
    "podDisruptionBudget": table("", {"enabled": flag("Whether evictions take one pod of a stage at a time")}),
    "networkPolicy": table(
        "What pods may reach, and who may reach them",
        {
            "enabled": flag("Whether there is a NetworkPolicy"),
            "kafkaPorts": {**LIST, "items": PORT, "description": "Empty: the ports in settings.bootstrap"},
            "kafkaPeers": {**LIST, "description": "Peers of the brokers; empty: any address"},
            "metricsFrom": {**LIST, "description": "Peers that may read metrics; empty: any pod"},
            "extraEgress": {**LIST, "description": "Further rules, such as one for settings.kafka.token_url"},
        },
    ),
    "metrics": table(
        "For the Prometheus Operator",
        {
            "serviceMonitor": table(
                "",
                {
                    "enabled": flag("Whether Prometheus scrapes the workers"),
                    "interval": text("Time between two scrapes", pattern="^[0-9]+(ms|s|m)$"),
                    "labels": FREE,
                },
            ),
            "prometheusRule": table(
                "",
                {
                    "enabled": flag("Whether the alert rules are installed"),
                    "labels": FREE,
                    "runbooks": text("Address of the documentation's site, for links from alerts to their runbooks"),
                },
            ),
        },
    ),
    "grafana": table(
        "For a Grafana whose sidecar looks for ConfigMaps",
        {"enabled": flag("Whether the dashboards are installed"), "labels": FREE, "annotations": FREE},
    ),
    "strimzi": table(
        "For a Kafka that Strimzi manages",
        {
            "apiVersion": text("v1beta2 before Strimzi 0.49", pattern="^kafka\\.strimzi\\.io/"),
            "cluster": text("Name of the Kafka resource"),
            "topics": table("", {"enabled": flag("Whether topics are KafkaTopic resources")}),
            "users": table(
                "",
                {
                    "enabled": flag("Whether each stage has a KafkaUser with its least rights, and connects as it"),
                    "authentication": {"enum": ["scram-sha-512", "tls"]},
                },
            ),
        },
    ),
}
"""By name, without `settings`."""
