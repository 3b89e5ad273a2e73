"""Prints the description of the query service's interface (OpenAPI), without a service: for `make clients`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from support.serving import Shop


async def described() -> str:
    """The description as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        answer = await shop.ask("/v1/openapi.json")
        shop.store.close()
    return answer.body.decode()


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(described()))
