"""An identity provider on this machine, for tests: its keys by HTTP, and tokens that it signs."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

AUDIENCE = "liveprofile"


class IdentityProvider:
    """Keys and tokens."""

    def __init__(self) -> None:
        self.keys: list[RSAKey | ECKey] = [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})]
        self.status = 200
        self.asked = 0
        """Requests for the keys."""
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.jwks_url = f"{self.issuer}/jwks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def document(self) -> bytes:
        """The public keys (JWK Set)."""
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a good token; None takes one away."""
        now_s = int(time.time())
        claims = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": "crm", "iat": now_s, "exp": now_s + 600,
            "scope": "openid profile:read metrics:read",
        } | changed  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, key: int = 0, alg: str = "RS256", kid: str | None = None, **changed: Any) -> str:
        """A signed token, by one of the keys."""
        signing = self.keys[key]
        header = {"alg": alg, "kid": kid or signing.kid}
        return jwt.encode(header, self.claims(**changed), signing, algorithms=[alg])

    def by_public_key(self) -> str:
        """A token with the public key as the secret of an HMAC: what a judge takes who goes by the header alone."""
        parts = [{"alg": "HS256", "kid": self.keys[0].kid}, self.claims()]
        signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
        mac = hmac.new(self.keys[0].as_pem(private=False), signed, "sha256").digest()
        return b".".join([signed, urlsafe_b64encode(mac).rstrip(b"=")]).decode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """The keys."""
                provider.asked += 1
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(provider.document)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        return Handler
