"""A token endpoint of OAuth 2.0 on this machine, for tests."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs


class Endpoint:
    """The token endpoint: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.status, self.headers = 200, dict[str, str]()
        self.answer: Any = None
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
                answer = endpoint.answer
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
