"""A token endpoint of OAuth 2.0 on this machine, for tests."""

import base64
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs


def unsigned_token(subject: str, life_s: float) -> str:
    """A token that Kafka takes without a signature (RFC 7515, section 6: `alg` is `none`)."""
    now_s = time.time()
    parts = ({"alg": "none"}, {"sub": subject, "iat": now_s, "exp": now_s + life_s})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*encoded, ""])


def tokens_for(subject: str, life_s: float) -> Callable[[], dict[str, Any]]:
    """Answers of an endpoint that issues a new unsigned token to everybody who asks."""
    return lambda: {"access_token": unsigned_token(subject, life_s), "expires_in": life_s}


class Endpoint:
    """The token endpoint: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.status, self.headers = 200, dict[str, str]()
        self.answer: Any = None
        """A JSON value, bytes, or a function that gives one of them for each request."""
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        """Path, header `Authorization` and form of each request."""
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/token"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Note the request and answer it."""
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                endpoint.asked.append((self.path, self.headers["Authorization"], parse_qs(form)))
                answer = endpoint.answer() if callable(endpoint.answer) else endpoint.answer
                if answer is None:
                    answer = {"access_token": f"token-{len(endpoint.asked)}", "expires_in": 100}
                self.send_response(endpoint.status)
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            do_GET = do_POST  # noqa: N815 - the name of http.server

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        return Handler
