"""Asks for access tokens by the client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import quote_plus, urlencode

from liveprofile.streams.transport.security.files import read_secret
from liveprofile.streams.transport.security.settings import Security
from liveprofile.streams.transport.security.tls import endpoint_context
from liveprofile.streams.transport.security.token_errors import TokenError, TokenRefusedError

SHORTEST_LIFE_S = 60.0
"""The life of a token whose endpoint says none."""
TIMEOUT_S = 10.0
_MOST_BYTES = 1_000_000
_CODE = re.compile(r"[a-z_]{1,40}")
"""An error code of RFC 6749, section 5.2. Descriptions are not repeated: they may quote the request."""


def request_token(security: Security) -> tuple[str, float]:
    """A new token and its life in seconds; id and password go in the header (RFC 6749, section 2.3.1).

    TokenError if the endpoint gives none, UserError if a file cannot be read.
    """
    secret = read_secret("kafka.client_secret_file", security.client_secret_file)
    credentials = f"{quote_plus(security.client_id)}:{quote_plus(secret)}".encode()
    form = {"grant_type": "client_credentials"} | ({"scope": security.scope} if security.scope else {})
    request = urllib.request.Request(
        security.token_url,
        urlencode(form).encode(),
        {"Authorization": f"Basic {base64.b64encode(credentials).decode()}", "Accept": "application/json"},
    )
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.HTTPSHandler(context=endpoint_context(security)))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            body = response.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        raise _refused(security.token_url, error) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise TokenError(f"{security.token_url} does not answer: {reason}.", TokenError.next_step) from None
    return _token_of(security.token_url, body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The client's password goes to the given address and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """None makes an error of a redirection."""


def _refused(url: str, error: urllib.error.HTTPError) -> TokenError:
    with error:
        answer = _object(error.read(_MOST_BYTES))
    code = str(answer.get("error", ""))
    said = f" ({code})" if _CODE.fullmatch(code) else ""
    kind = TokenRefusedError if error.code in (400, 401, 403) else TokenError
    return kind(f"{url} gave no access token: HTTP status {error.code}{said}.", kind.next_step)


def _token_of(url: str, body: bytes) -> tuple[str, float]:
    answer = _object(body)
    token, life = answer.get("access_token"), answer.get("expires_in", SHORTEST_LIFE_S)
    try:
        life_s = float(life)
    except (TypeError, ValueError):
        life_s = 0.0
    if not isinstance(token, str) or not token or not life_s > 0:
        raise TokenError(
            f"The answer of {url} has no `access_token` with a life of more than 0 s (`expires_in`).",
            "Check that kafka.token_url is the token endpoint of the identity provider.",
        )
    return token, life_s


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
