"""A real Apache Kafka on this machine: one KRaft node on loopback, started and stopped by us."""

from liveprofile.streams.broker.broker import Broker
from liveprofile.streams.broker.errors import BrokerError

__all__ = ["Broker", "BrokerError"]
