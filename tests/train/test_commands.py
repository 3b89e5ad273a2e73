"""`liveprofile finetune` and `distil` as a person runs them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liveprofile.models.errors import ModelError
from liveprofile.models.train import extra
from liveprofile.streams.cli.main import main
from liveprofile.streams.errors import ExitCode

TinyBert = Callable[..., Path]


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def pair_file(tmp_path: Path) -> Path:
    lines = [
        {"anchor": f"red {n % 9} pan", "positive": f"pan {n % 9} {n}", "group": f"user {n % 40}"} for n in range(120)
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def test_without_torch_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(ModelError, match="a_package_that_nobody_has"):
        extra.require_training()
    for command in ("finetune", "distil"):
        result = run(command, "--out", "somewhere")
        assert result.exit_code == ExitCode.WRONG
        assert "pip install 'liveprofile[train]'" in result.output


@pytest.mark.usefixtures("torch_is_there")
def test_without_pairs_there_is_nothing_to_learn(tmp_path: Path) -> None:
    result = run("finetune", "--out", tmp_path / "out")
    assert result.exit_code == 2 and "Give --pairs FILE or --from-log PATH" in result.output


@pytest.mark.usefixtures("torch_is_there")
def test_an_unknown_path_of_a_log_is_refused_with_the_formats(tmp_path: Path) -> None:
    result = run("finetune", "--out", tmp_path / "out", "--from-log", "ubi:nowhere.ndjson")
    assert result.exit_code == 2 and "there is no nowhere.ndjson" in result.output and "online-retail" in result.output


@pytest.mark.usefixtures("torch_is_there", "few_texts")
def test_both_commands_train_export_and_tell_before_and_after(
    tiny_bert: TinyBert, pair_file: Path, tmp_path: Path
) -> None:
    shared = ["--pairs", pair_file, "--dims", 16, "--batch", 8, "--steps", 3, "--threads", 1]
    result = run("finetune", *shared, "--model", tiny_bert(), "--out", tmp_path / "shop", "--lora")
    assert result.exit_code == 0, result.output
    assert "before, float32" in result.stdout and "after, projected" in result.stdout and "shop-int8@" in result.stdout
    assert "step 3 of 3" in result.stderr
    teacher = tmp_path / "shop" / "weights"
    result = run("distil", *shared, "--model", teacher, "--layers", 1, "--out", tmp_path / "small", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["layers_kept"] == [1] and found == json.loads((tmp_path / "small" / "report.json").read_text())


@pytest.mark.usefixtures("torch_is_there")
def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(tiny_bert: TinyBert, pair_file: Path, tmp_path: Path) -> None:
    words = ["finetune", "--pairs", pair_file, "--model", tiny_bert(), "--out", tmp_path / "shop", "--steps", 100_000]
    command = [sys.executable, "-m", "liveprofile", *map(str, words), "--threads", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as child:
        assert child.stderr
        on_progress = []
        for line in child.stderr:
            on_progress.append(line)
            if "step 10 of" in line:
                child.send_signal(signal.SIGINT)
        assert child.wait() == 130, on_progress
    assert "with --resume" in "".join(on_progress), on_progress
    assert len(list((tmp_path / "shop").glob("checkpoint-*"))) == 1
