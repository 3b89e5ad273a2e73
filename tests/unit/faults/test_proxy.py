"""The harness' proxy forwards, delays, cuts and resets, keeps bytes in order, and heals."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65_536):
            self.request.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before a server that says back what it hears."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Proxy(server.server_address[1]) as running:
            yield running
        server.shutdown()


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    """A connection through the proxy."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as connection:
        yield connection


def test_everything_passes_in_order_both_ways(client: socket.socket) -> None:
    sent = bytes(range(256)) * 8_000
    threading.Thread(target=client.sendall, args=(sent,)).start()
    assert _read(client, len(sent)) == sent


def test_delayed_bytes_come_late_and_in_order(proxy: Proxy, client: socket.socket) -> None:
    proxy.delay(0.05, 0.15)
    began = time.monotonic()
    for number in range(20):
        client.sendall(bytes([number]))
        time.sleep(0.005)
    assert _read(client, 20) == bytes(range(20))
    assert time.monotonic() - began >= 0.1


def test_cut_connections_stay_open_and_pass_nothing_until_they_are_healed(proxy: Proxy, client: socket.socket) -> None:
    _say(client)
    proxy.cut()
    time.sleep(0.05)
    client.sendall(b"held")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3) as another:
        another.sendall(b"new")
        for connection in (client, another):
            connection.settimeout(0.3)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        proxy.heal()
        another.settimeout(5)
        assert _read(another, 3) == b"new"
    client.settimeout(5)
    assert _read(client, 4) == b"held"


def test_a_reset_is_heard_and_new_connections_are_taken(proxy: Proxy, client: socket.socket) -> None:
    _say(client)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as another:
        _say(another)


def test_an_end_on_one_side_ends_the_other(proxy: Proxy, client: socket.socket) -> None:
    _say(client)
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""


def test_where_nobody_listens_a_connection_is_closed_and_the_next_one_works_when_somebody_does(proxy: Proxy) -> None:
    there, proxy.target = proxy.target, 1
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as refused:
        assert refused.recv(1) == b""
    proxy.target = there
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as taken:
        _say(taken)


def _say(connection: socket.socket) -> None:
    connection.sendall(b"hello")
    assert _read(connection, 5) == b"hello"


def _read(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = connection.recv(65_536)
        assert piece, "closed early"
        received += piece
    return received
