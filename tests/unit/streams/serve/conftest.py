"""A service over a store in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.serving import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An empty one."""
    made = Shop(tmp_path)
    yield made
    made.store.close()
