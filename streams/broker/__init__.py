"""A real Apache Kafka on this machine: one KRaft node on loopback, started and stopped by us."""

from streams.broker.broker import Broker
from streams.broker.errors import BrokerError

__all__ = ["Broker", "BrokerError"]
