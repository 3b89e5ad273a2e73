"""`liveprofile broker` and `liveprofile topics`, as a person or a script runs them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from liveprofile.streams.broker import Broker
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.topics import Topics

pytestmark = pytest.mark.kafka
Run = Callable[..., Result]
TOPICS = Topics().all()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in an empty folder; the broker that it may have left there is stopped afterwards."""
    monkeypatch.chdir(tmp_path)
    yield lambda *words: CliRunner().invoke(main, words)
    Broker(tmp_path / ".liveprofile" / "broker").stop()


def test_a_broker_is_started_shown_and_stopped(run: Run, tmp_path: Path) -> None:
    assert run("broker", "status").exit_code == 4
    assert "answers on 127.0.0.1:" in run("broker", "start", "--port", "0").stdout
    told = json.loads(run("broker", "status", "--json").stdout)
    assert told["answers"] and told["folder"] == str(tmp_path / ".liveprofile" / "broker")
    again = run("broker", "start")
    assert again.exit_code == 0 and f"process {told['pid']}" in again.stderr
    other = run("broker", "start", "--port", "1")
    assert other.exit_code == 2 and f"already runs on port {told['port']}" in other.stderr
    listed = run("topics", "list", "--json")
    assert listed.exit_code == 3 and {row["partitions"] for row in json.loads(listed.stdout)} == {None}
    assert f"{len(TOPICS)} topics exist, {len(TOPICS)} of them are new" in run("topics", "create").stdout
    assert run("topics", "list").exit_code == 0
    assert json.loads(run("broker", "start", "--json").stdout)["pid"] == told["pid"]
    assert json.loads(run("broker", "stop", "--json").stdout)["stopped"]
    assert not psutil.pid_exists(told["pid"])
    assert run("broker", "status", "--json").exit_code == 4


def test_stopping_where_nothing_runs_says_so(run: Run) -> None:
    result = run("broker", "stop")
    assert result.exit_code == 0 and "no broker was running" in result.stdout


def test_topics_are_created_on_a_given_kafka_and_another_number_of_partitions_is_refused(
    run: Run, tmp_path: Path
) -> None:
    with Broker(tmp_path / "given") as given:  # of its own: the names of inputs and outputs are shared on a broker
        Path("liveprofile.toml").write_text('app_id = "shop"\npartitions = 2\n')
        result = run("topics", "create", "--bootstrap", given.bootstrap)
        assert result.exit_code == 0 and "created shop.activity" in result.stdout
        Path("liveprofile.toml").write_text('app_id = "shop"\npartitions = 7\n')
        refused = run("--bootstrap", given.bootstrap, "topics", "create")
    assert refused.exit_code == 3 and "clicks has 2 instead of 7" in refused.stderr and "Next:" in refused.stderr


def test_no_broker_and_no_bootstrap_is_told_with_the_next_step(run: Run) -> None:
    result = run("topics", "list")
    assert result.exit_code == 4 and "broker start" in result.stderr
