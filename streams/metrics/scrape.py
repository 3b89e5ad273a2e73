"""The answer to a scrape: the text format that was asked for, compressed if that was asked for."""

from __future__ import annotations

import gzip
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder, gzip_accepted

FAST = 1
"""Level of compression: four times smaller in a millisecond; more takes three."""


class Scrape(NamedTuple):
    """Body and headers of an answer."""

    body: bytes
    headers: dict[str, str]


def scrape(registry: CollectorRegistry, accept: str, accept_encoding: str) -> Scrape:
    """What the registry has, for these request headers; empty ones get the classic text format, not compressed."""
    encode, content_type = choose_encoder(accept)
    body, headers = encode(registry), {"Content-Type": content_type}
    if gzip_accepted(accept_encoding):
        body, headers["Content-Encoding"] = gzip.compress(body, FAST), "gzip"
    return Scrape(body, headers)
