"""A tiny BERT to train, and a loud skip of what needs torch where the extra is not installed."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.tiny_bert import write_tiny_bert

from liveprofile.models import export as export_module

MISSING = [name for name in ("torch", "peft") if find_spec(name) is None]
WORDS = f"SKIPPED FOR WANT OF {' AND '.join(MISSING)}: training was not tested; pip install 'liveprofile[train]'"


@pytest.fixture
def torch_is_there() -> None:
    """Asked for by every test that trains."""
    if MISSING:
        pytest.skip(WORDS)


@pytest.fixture
def tiny_bert(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model folder of the size of a test."""
    return lambda name="tiny-bert", **changes: write_tiny_bert(tmp_path / name, **changes)


@pytest.fixture
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports on a small corpus: a test needs no good projection."""
    from liveprofile.models.train import texts

    monkeypatch.setattr(export_module, "CORPUS_TEXTS", 300)
    monkeypatch.setattr(export_module, "CHECKED_TEXTS", 100)
    monkeypatch.setattr(texts, "CORPUS_TEXTS", 400)
