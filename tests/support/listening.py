"""An ASGI application on a free port of this machine, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from liveprofile.streams.broker.ports import free_port


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Its address, while the context is open."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up_s = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive() and time.monotonic() < give_up_s
        time.sleep(0.01)
    try:
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()
