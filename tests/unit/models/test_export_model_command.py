"""`liveprofile export-model` as a person runs it."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from liveprofile.models import export as export_module
from liveprofile.models.embedder import Embedder
from liveprofile.streams.cli.main import main

TinyBert = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export_module, "CORPUS_TEXTS", 300)
    return lambda *words: CliRunner().invoke(main, ["export-model", *words])


def test_a_folder_becomes_a_model_and_each_step_is_told(run: Callable[..., Result], tiny_bert: TinyBert) -> None:
    result = run("--from", str(tiny_bert()), "--out", "model", "--dims", "16")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("tiny-bert-int8@") and result.stdout.rstrip().endswith("in model")
    assert "measuring activations" in result.stderr and "mean cosine 0.99" in result.stderr
    assert Embedder.load(Path("model")).dims == 16


def test_a_second_run_says_that_nothing_was_to_do(run: Callable[..., Result], tiny_bert: TinyBert) -> None:
    words = ("--from", str(tiny_bert()), "--out", "model", "--dims", "16")
    run(*words)
    result = run(*words)
    assert result.stdout.rstrip().endswith("in model is up to date")
    assert "measuring activations" not in result.stderr
    told = orjson.loads(run(*words, "--json").stdout)
    assert (told["folder"], told["new"], told["mean_cosine"] > 0.99) == ("model", False, True)
    assert "measuring activations" in run(*words, "--force").stderr


def test_a_roberta_is_refused_with_the_value_and_the_next_step(run: Callable[..., Result], tiny_bert: TinyBert) -> None:
    folder = tiny_bert(model_type="roberta", architectures=["RobertaModel"])
    result = run("--from", str(folder), "--out", "model")
    assert result.exit_code == 2
    assert "model_type = 'roberta', supported: bert" in result.output and "Next:" in result.output
    assert not Path("model").exists()


def test_help_says_what_is_made_and_gives_examples(run: Callable[..., Result]) -> None:
    shown = run("--help").output
    assert "encoder.int8.onnx" in shown and "Examples:" in shown and "bge-small" in shown
