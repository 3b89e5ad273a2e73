"""A BERT small enough for a test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.tiny_bert import write_tiny_bert


@pytest.fixture
def tiny_bert(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model folder; keyword arguments change config.json, `pooling` and `prefix` what their names say."""

    def write(name: str = "tiny-bert", **changes: Any) -> Path:
        return write_tiny_bert(tmp_path / name, **changes)

    return write
