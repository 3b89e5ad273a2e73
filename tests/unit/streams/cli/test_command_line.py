"""The root of the command line: quick, helpful, and plain about what went wrong."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from support.paths import ROOT

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, pass_context
from liveprofile.streams.cli.main import COMMANDS, main

HEAVY = ("faust", "aiokafka", "onnxruntime", "numpy", "river", "transformers", "rich.console")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def with_command(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`try-it` runs the function in `Behaviour.does`."""
    monkeypatch.setitem(COMMANDS, "Tests", {"try-it": (__name__, "Does what a test wants.")})
    yield


class Behaviour:
    does: "staticmethod[[Context], None]" = staticmethod(lambda context: None)


@click.command()
@bootstrap_option
@pass_context
def command(context: Context) -> None:
    """Do what a test wants."""
    Behaviour.does(context)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    def fail(_: Context) -> None:
        raise error

    monkeypatch.setattr(Behaviour, "does", staticmethod(fail))
    return run(*options, "try-it")


def test_help_imports_nothing_heavy() -> None:
    code = f"""
import sys
from liveprofile.streams.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print("HEAVY", [name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout


def test_stages_are_imported_without_what_only_learning_exporting_and_recommending_need() -> None:
    """Four workers of five own no partition of the examples, and waited for River and SciPy all the same."""
    code = """
import sys
from liveprofile.models import embedder
from liveprofile.profiles.items import index
from liveprofile.streams.runtime import worker
from liveprofile.streams.stages import wiring
from liveprofile.streams.stages.ingest import stage
from liveprofile.streams.stages.items import stage
from liveprofile.streams.stages.learn import learners, stage
from liveprofile.streams.stages.profile import stage
print("HEAVY", [name for name in ("river", "scipy.stats", "sklearn", "torch", "transformers") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "HEAVY []" in done.stdout


def test_help_takes_less_than_a_fifth_of_a_second_beyond_the_interpreter() -> None:
    code = """
import time
began = time.process_time()
from liveprofile.streams.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print(time.process_time() - began)
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(done.stdout.splitlines()[-1]) for done in runs) < 0.2


def test_help_names_every_command_and_teaches_by_examples() -> None:
    text = run("--help").output
    for commands in COMMANDS.values():
        for name in commands:
            assert name in text
    assert "liveprofile watch changes" in text


@pytest.mark.parametrize("name", [name for commands in COMMANDS.values() for name in commands])
def test_every_command_exists_and_its_help_has_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "liveprofile" in result.output


@pytest.mark.parametrize("module", [module for commands in COMMANDS.values() for module, _ in commands.values()])
def test_every_command_has_a_docstring_for_people(module: str) -> None:
    assert importlib.import_module(module).command.help


def test_an_unknown_command_gets_the_nearest_one() -> None:
    result = run("wach")
    assert result.exit_code == 2
    assert "Did you mean watch?" in result.output


@pytest.mark.usefixtures("with_command")
def test_a_user_error_is_a_sentence_and_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fails_with(UserError("port 9092 is in use", "use --port 0"), monkeypatch)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: Port 9092 is in use.\n  Next: Use --port 0.\n"


@pytest.mark.usefixtures("with_command")
def test_an_error_nobody_foresaw_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fails_with(ZeroDivisionError("division\nby zero"), monkeypatch)
    assert result.exit_code == 1
    assert r"ZeroDivisionError: division\nby zero" in result.stderr
    assert "Traceback" not in result.stderr
    assert "--debug" in result.stderr


@pytest.mark.usefixtures("with_command")
def test_debug_lets_the_traceback_through(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(fails_with(ZeroDivisionError("x"), monkeypatch, "--debug").exception, ZeroDivisionError)
    assert isinstance(fails_with(UserError("x", "y"), monkeypatch, "--debug").exception, UserError)


@pytest.mark.usefixtures("with_command")
def test_ctrl_c_is_130_and_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fails_with(KeyboardInterrupt(), monkeypatch)
    assert result.exit_code == 130
    assert "Traceback" not in result.output
    assert "Error" not in result.output


@pytest.mark.usefixtures("with_command")
def test_bootstrap_is_taken_before_and_after_the_name_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Behaviour, "does", staticmethod(lambda context: seen.append(context.settings.bootstrap)))
    assert run("--bootstrap", "before:1", "try-it").exit_code == 0
    assert run("try-it", "--bootstrap", "after:1").exit_code == 0
    assert run("--bootstrap", "before:1", "try-it", "--bootstrap", "after:1").exit_code == 0
    assert seen == ["before:1", "after:1", "after:1"]


@pytest.mark.usefixtures("with_command")
def test_settings_are_read_only_when_a_command_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEPROFILE_PARTITIONSS", "x")
    assert run("try-it").exit_code == 0
    result = run("settings")
    assert result.exit_code == 2
    assert "LIVEPROFILE_PARTITIONSS" in result.stderr


def test_a_variable_that_is_like_no_setting_is_named_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEPROFILE_QZX", "x")
    result = run("settings")
    assert result.exit_code == 0
    assert "LIVEPROFILE_QZX is like no setting" in result.stderr


def test_settings_shows_where_a_value_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEPROFILE_PARTITIONS", "12")
    row = next(line for line in run("settings").output.splitlines() if line.startswith("partitions"))
    assert row.split() == ["partitions", "12", "LIVEPROFILE_PARTITIONS"]


def test_worker_refuses_a_stage_that_does_not_exist() -> None:
    result = run("worker", "--stages", "ingest,fold")
    assert result.exit_code == 2
    assert "fold is not a stage" in result.stderr


@pytest.mark.parametrize("arguments", [["settings", "--markdown"], ["settings"], ["settings", "--json"], ["--help"]])
def test_a_reader_that_has_gone_ends_a_command_quietly(arguments: list[str]) -> None:
    """`liveprofile settings | head -1` must not end in a BrokenPipeError."""
    reading, writing = os.pipe()
    os.close(reading)
    root = ROOT
    command = [sys.executable, "-m", "liveprofile", *arguments]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=root)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
