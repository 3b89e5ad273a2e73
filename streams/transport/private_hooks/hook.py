"""The private hooks as a table: where each is, and what it must look like."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Hook:
    """One private name of a library."""

    library: str
    owner: str
    """The class, or the module of a function, as `module:name`."""
    name: str
    parameters: tuple[str, ...] | None = None
    """The names of a method's parameters; None for an attribute, which is set in the class's own source."""
    is_async: bool = False

    @property
    def title(self) -> str:
        """How the table in the package's docstring calls it."""
        return f"{self.library} {self.owner.rpartition(':')[2]}.{self.name}"

    def problem(self) -> str | None:
        """What is not as expected in the installed library; None if all is."""
        module, _, name = self.owner.partition(":")
        owner = getattr(import_module(module), name, None)
        if owner is None:
            return f"{self.title}: there is no {self.owner}"
        if self.parameters is None:
            found = _is_set_in(owner, self.name)
            return None if found else f"{self.title}: the attribute is set nowhere in the class"
        method = getattr(owner, self.name, None)
        if method is None:
            return f"{self.title}: the method is gone"
        parameters = tuple(inspect.signature(method).parameters)
        if parameters != self.parameters:
            return f"{self.title}: parameters are {parameters}, expected {self.parameters}"
        if inspect.iscoroutinefunction(method) is not self.is_async:
            return f"{self.title}: it is {'not ' if self.is_async else ''}a coroutine function"
        return None


def _is_set_in(owner: type, name: str) -> bool:
    """Whether the class, or one that it inherits from, assigns the attribute or declares it."""
    pattern = re.compile(rf"\b(self\.)?{name}\b\s*(:[^=\n]+)?(=|$)", re.MULTILINE)
    return any(pattern.search(inspect.getsource(one)) for one in owner.__mro__ if one is not object)


_CONSUMER = "faust.transport.drivers.aiokafka:Consumer"
_THREAD = "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread"
_SENDER = "aiokafka.producer.sender:Sender"
_FETCHER = "aiokafka.consumer.fetcher:Fetcher"
_CLIENT = "aiokafka.client:AIOKafkaClient"
_ADMIN = "aiokafka.admin.client:AIOKafkaAdminClient"
_ACCUMULATOR = "aiokafka.producer.message_accumulator:MessageAccumulator"
_REQUEST = "aiokafka.protocol.fetch:FetchRequest"
_KAFKA = "aiokafka.consumer.consumer:AIOKafkaConsumer"
_FETCH = ("self", "consumer", "active_partitions", "timeout", "max_records")
_CONNECTION = "aiokafka.conn:AIOKafkaConnection"
_CONNECTION_ARGUMENTS = (
    *("host", "port", "client_id", "request_timeout_ms", "ssl_context", "security_protocol", "max_idle_ms", "on_close"),
    *("sasl_mechanism", "sasl_plain_username", "sasl_plain_password", "sasl_kerberos_service_name"),
    *("sasl_kerberos_domain_name", "sasl_oauth_token_provider"),
)
_STATE = ("self", "producer_id", "producer_epoch", "base_sequence")

HOOKS: Sequence[Hook] = (
    Hook("faust", _CONSUMER, "_new_consumer_thread", ("self",)),
    Hook("faust", _CONSUMER, "_drain_messages", ("self", "fetcher"), is_async=True),
    Hook("faust", _CONSUMER, "_getmany", ("self", "active_partitions", "timeout"), is_async=True),
    Hook("faust", _CONSUMER, "_get_active_partitions", ("self",)),
    Hook("faust", _CONSUMER, "_to_message", ("self", "tp", "record")),
    Hook("faust", _CONSUMER, "_commit", ("self", "offsets"), is_async=True),
    Hook("faust", _CONSUMER, "_thread"),
    Hook("faust", _THREAD, "_fetch_records", _FETCH, is_async=True),
    Hook("faust", _THREAD, "_create_consumer", ("self", "loop")),
    Hook("faust", _THREAD, "_consumer"),
    Hook("faust", _THREAD, "_ensure_consumer", ("self",)),
    Hook("faust", "faust.app.base:App", "_on_rebalance_when_stopped", ("self",), is_async=False),
    Hook("aiokafka", _KAFKA, "_client"),
    Hook("aiokafka", _KAFKA, "_client_rack"),
    Hook("aiokafka", _KAFKA, "_closed"),
    Hook("aiokafka", _KAFKA, "_coordinator"),
    Hook("aiokafka", _KAFKA, "_fetcher"),
    Hook("aiokafka", "aiokafka.consumer.group_coordinator:GroupCoordinator", "_coordination_task"),
    Hook("aiokafka", _FETCHER, "_closed"),
    Hook("aiokafka", _FETCHER, "_subscriptions"),
    Hook("aiokafka", _FETCHER, "_create_fetch_waiter", ("self",)),
    Hook("aiokafka", _FETCHER, "_fetch_task"),
    Hook("aiokafka", _CLIENT, "_get_conn", ("self", "node_id", "group", "no_hint"), is_async=True),
    Hook("aiokafka", _CLIENT, "_conns"),
    Hook("aiokafka", _CLIENT, "_metadata_update", ("self", "cluster_metadata", "topics"), is_async=True),
    Hook("aiokafka", "aiokafka:client", "create_conn", _CONNECTION_ARGUMENTS, is_async=True),
    Hook("aiokafka", _CONNECTION, "_do_sasl_handshake", ("self",), is_async=True),
    Hook("aiokafka", _CONNECTION, "_requests"),
    Hook("aiokafka", _ADMIN, "_client"),
    Hook("aiokafka", "aiokafka.producer.producer:AIOKafkaProducer", "_message_accumulator"),
    Hook("aiokafka", _ACCUMULATOR, "_batch_ttl"),
    Hook("aiokafka", _ACCUMULATOR, "_closed"),
    Hook("aiokafka", _ACCUMULATOR, "_exception"),
    Hook("aiokafka", _ACCUMULATOR, "_batches"),
    Hook("aiokafka", _ACCUMULATOR, "_append_batch", ("self", "builder", "tp")),
    Hook("aiokafka", _REQUEST, "_topics"),
    Hook("aiokafka", _REQUEST, "_max_wait_ms"),
    Hook("aiokafka", _CLIENT, "_request_timeout_ms"),
    Hook("aiokafka", _ADMIN, "_send_request", ("self", "request", "node_id"), True),
    Hook("aiokafka", "aiokafka.producer.producer:AIOKafkaProducer", "_sender"),
    Hook("aiokafka", _SENDER, "_do_add_partitions_to_txn", ("self", "tps"), is_async=True),
    Hook("aiokafka", _SENDER, "_find_coordinator", ("self", "coordinator_type", "coordinator_key"), is_async=True),
    Hook("aiokafka", _SENDER, "_maybe_wait_for_pid", ("self",), is_async=True),
    Hook("aiokafka", _SENDER, "_txn_manager"),
    Hook("aiokafka", "aiokafka.producer.message_accumulator:BatchBuilder", "_set_producer_state", _STATE),
)
"""All of them."""
