"""A test issuer of access tokens beside a secured broker, a process of its own: `python -m THIS FOLDER PORT`.

It takes client credentials (RFC 6749, section 4.4) of the broker's users and gives signed tokens (RFC 7519, RS256) that
live ten minutes. It listens on loopback, and ends with its broker. It is no identity provider for production.
"""

from __future__ import annotations

import base64
import hmac
import json
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus

from liveprofile.streams.broker import process
from liveprofile.streams.broker.security.private_files import write_private
from liveprofile.streams.broker.security.properties import AUDIENCE
from liveprofile.streams.broker.security.secured import files_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LIFE_S = 600
_KEY, _KEYS = "issuer.key", "issuer.jwks.json"
_KEY_ID = "1"
_BITS = 2048
_MOST_BYTES = 10_000
_LOOK_S = 0.5
"""How often it looks whether the broker still runs."""


def issuer_url(port: int) -> str:
    """The issuer's name in its tokens."""
    return f"http://127.0.0.1:{port}"


def ensure_key(files: Path) -> None:
    """Make the signing key and the file with its public part (RFC 7517) unless they are there."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    if (files / _KEY).exists() and (files / _KEYS).exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_private(files / _KEY, pem)
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, "n": _number(numbers.n)}
    write_private(files / _KEYS, json.dumps({"keys": [{**public, "e": _number(numbers.e)}]}).encode())


class Issuer:
    """Knows the users by the files with their secrets, and signs."""

    def __init__(self, files: Path, port: int) -> None:
        self._files, self._url = files, issuer_url(port)
        self._key = _read_key(files / _KEY)

    def knows(self, client: str, secret: str) -> bool:
        """Whether this is the secret of the client. A name with a path in it is no client's."""
        path = self._files / f"{client}.password"
        if path.parent != self._files or not client or not path.is_file():
            return False
        expected = path.read_text(encoding="utf-8").rstrip("\n")
        return hmac.compare_digest(expected.encode(), secret.encode())

    def token(self, client: str) -> str:
        """A signed token whose subject is the client."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        now_s = int(time.time())
        claims = {"iss": self._url, "aud": AUDIENCE, "sub": client, "iat": now_s, "exp": now_s + LIFE_S}
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': _KEY_ID})}.{_part(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"

    def serve(self, port: int, folder: Path) -> None:
        """Answer until the broker of `folder` has ended."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            """POST of client credentials."""

            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _MOST_BYTES))
                status, answer = issuer.answer(self.headers.get("Authorization", ""), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Requests are not logged."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while process.read(folder) is not None:
            time.sleep(_LOOK_S)
        server.shutdown()

    def answer(self, authorization: str, body: bytes) -> tuple[int, dict[str, object]]:
        """Status and body of the answer to a request, as in RFC 6749, sections 5.1 and 5.2."""
        if parse_qs(body.decode(errors="replace")).get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        client, secret = _basic(authorization)
        if not self.knows(client, secret):
            return 401, {"error": "invalid_client"}
        return 200, {"access_token": self.token(client), "token_type": "Bearer", "expires_in": LIFE_S}


def _basic(header: str) -> tuple[str, str]:
    """Client and secret of an Authorization header; empty if it has none."""
    scheme, _, encoded = header.partition(" ")
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (unquote_plus(client), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")


def _read_key(path: Path) -> RSAPrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _part(values: Mapping[str, object]) -> str:
    return _base64(json.dumps(values).encode())


def _number(number: int) -> str:
    return _base64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


if __name__ == "__main__":
    own, at = Path(sys.argv[1]), int(sys.argv[2])
    Issuer(files_of(own), at).serve(at, own)
