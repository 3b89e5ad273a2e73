"""Free and taken TCP ports on loopback."""

import contextlib
import random
import socket

import psutil

from liveprofile.streams.broker.errors import BrokerError

_LISTENING = range(20_000, 32_000)
"""Below the range of outgoing connections: while a broker is down, no client connection can occupy its port."""


def free_port(*other_than: int) -> int:
    """A port that was free a moment ago, and is not in `other_than`."""
    while True:
        port = random.choice(_LISTENING)
        if port not in other_than and is_free(port):
            return port


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server can listen on a port (closing connections do not count)."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def require_free(port: int) -> None:
    """Raises BrokerError if `port` is taken; names the process that holds it, if the system shows it."""
    if not is_free(port):
        raise BrokerError(
            f"Port {port} on 127.0.0.1 is in use{_holder(port)}.",
            f"Stop what listens there, start with --port {free_port()}, or use that cluster with "
            f"--bootstrap 127.0.0.1:{port} if it is a Kafka.",
        )


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return (
                    f" by process {connection.pid} ({psutil.Process(connection.pid).name()})" if connection.pid else ""
                )
    return ""
