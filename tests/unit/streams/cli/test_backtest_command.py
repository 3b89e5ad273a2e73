"""`liveprofile backtest` as a user meets it: its help, its errors, its tables and its JSON."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from support.paths import ROOT

from liveprofile.streams.backtest.backtest import backtest
from liveprofile.streams.backtest.data_sets import DATA_SETS
from liveprofile.streams.backtest.task.cases import OURS, Cases, Figured, Forecast
from liveprofile.streams.backtest.task.run import DataSet, Run
from liveprofile.streams.cli.main import main
from liveprofile.streams.settings import Settings

RUNS: list[Run] = []


async def coins(run: Run) -> Sequence[Cases]:
    """Half of all coins, asked of ten users."""
    RUNS.append(run)
    run.progress(0.5)
    users = np.arange(100) % 10
    happened = np.arange(100) % 3 == 0
    probabilities = {OURS: np.where(happened, 0.6, 0.4), "prior rate": np.full(100, 0.33)}
    return [Forecast("coins", users, np.arange(100), happened, probabilities, details={"tossed": 100})]


async def dice(run: Run) -> Sequence[Cases]:
    """Six sides."""
    return [Figured("dice", 6, {OURS: {"NMI": 0.5}})]


@pytest.fixture(autouse=True)
def with_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    tasks = {"coins": coins, "dice": dice, "both": coins}
    monkeypatch.setitem(
        DATA_SETS, "casino", DataSet("Games of chance.", "https://example.org", "CC0", tasks, on_disk=False)
    )
    monkeypatch.setitem(DATA_SETS, "bank", DataSet("Games of chance, too.", "nowhere", "none", tasks))
    RUNS.clear()
    yield


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["backtest", *arguments])


def details(*arguments: str) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_tells_each_data_set_with_its_source_licence_and_tasks() -> None:
    text = " ".join(run("--help").output.split())
    assert "casino Games of chance. From https://example.org. Licence: CC0. Tasks: coins, dice, both." in text
    assert "simulator" in text


def test_help_loads_no_stage_of_the_stream() -> None:
    heavy = "{'numba', 'river', 'faust', 'onnxruntime'}"
    code = f"import sys, liveprofile.streams.backtest.data_sets; print(sys.modules.keys() & {heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("arguments", "message", "next_step"),
    [
        (["casno"], "There is no data set casno.", "Did you mean casino?"),
        (["qqq"], "There is no data set qqq.", "Take one of: "),
        (["casino", "--task", "die"], "There is no task die of casino.", "Did you mean dice?"),
        (["casino", "--task", "x"], "There is no task x of casino.", "Take one of: coins, dice, both, all."),
        (["bank"], "This data set has to be on this machine.", "--data PATH"),
        (["casino", "--data", "nowhere.csv"], "nowhere.csv", "does not exist"),
        (["casino", "--limit", "0"], "--limit", "x>=1"),
        ([], "Missing argument 'DATASET'.", "liveprofile backtest --help"),
    ],
)
def test_what_is_wrong_is_told_with_the_next_step(arguments: list[str], message: str, next_step: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert next_step in result.stderr
    assert (result.stdout, "Traceback" in result.stderr) == ("", False)


def test_the_first_task_is_what_is_run_without_one() -> None:
    found = details("casino")
    assert (found["task"], found["n"], found["dataset"]) == ("coins", 100, "casino")
    assert found["methods"][OURS] == {"auc": 1.0, "ap": 1.0, "log_loss": 0.5108, "ece": 0.4}
    assert found["intervals"]["prior rate"]["auc"] == [0.5, 0.5]
    assert found["details"] == {"tossed": 100}
    assert found["seconds"] >= 0


def test_all_tasks_are_run_once_each(tmp_path: Path) -> None:
    found = details("casino", "--task", "all", "--data", str(tmp_path))
    assert [one["task"] for one in found["tasks"]] == ["coins", "dice"]
    assert len(RUNS) == 1


async def test_progress_goes_on_from_task_to_task(tmp_path: Path) -> None:
    shares: list[float] = []
    asked = Run(Settings(data_dir=str(tmp_path)), tmp_path, progress=shares.append)
    await backtest("casino", [coins, coins], asked)
    assert shares == [0.25, 0.75]


def test_a_task_is_given_what_was_asked_for(tmp_path: Path) -> None:
    shop = ("--users", "5", "--days", "2.5", "--seed", "3")
    details("casino", "--data", str(tmp_path), "--name", "stem", "--limit", "9", "--cut", "2011-06-01", *shop)
    (asked,) = RUNS
    assert (asked.data, asked.name, asked.limit, asked.cut) == (tmp_path, "stem", 9, "2011-06-01")
    assert (asked.users, asked.days, asked.seed) == (5, 2.5, 3)


def test_without_json_it_is_a_table() -> None:
    text = run("casino").stdout
    assert "coins: 100 cases" in text
    assert "0.5000 *" in text
    assert "tossed" in text


def test_a_report_is_written_into_a_new_folder(tmp_path: Path) -> None:
    result = run("casino", "--report", "new/folder", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["task"] == "coins"
    assert (tmp_path / "new/folder/report.md").read_text().startswith("# Backtest of casino\n\nGames of chance.")
    assert "new/folder/report.md" in result.stderr


def test_a_report_that_cannot_be_made_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    result = run("casino", "--report", "file/below")
    assert (result.exit_code, "--report file/below cannot be written" in result.stderr) == (2, True)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("casino", "--report", "folder")
    assert (result.exit_code, "pip install 'liveprofile[plots]'" in result.stderr) == (2, True)
    assert not RUNS


def test_ctrl_c_ends_work_that_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = []

    async def long(run: Run) -> Sequence[Cases]:
        signal.raise_signal(signal.SIGINT)
        went_on.append(True)
        return []

    monkeypatch.setitem(DATA_SETS, "long", DataSet("", "", "", {"long": long}, on_disk=False))
    result = run("long")
    assert (result.exit_code, went_on, "Traceback" in result.output) == (130, [], False)
