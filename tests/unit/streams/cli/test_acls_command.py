"""`liveprofile acls` prints the rights of roles under the names of the settings, and asks no Kafka."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import ExitCode


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["--bootstrap", "127.0.0.1:1", "acls", *arguments])


def test_a_worker_of_two_stages_has_the_rights_of_both_once() -> None:
    found = json.loads(run("--role", "items", "--role", "ingest", "--format", "json").stdout)
    both = rights([Role.INGEST, Role.ITEMS], Topics())
    assert [(one["resource_type"], one["name"]) for one in found] == [(one.resource_type, one.name) for one in both]
    assert {one["principal"] for one in found} == {"User:liveprofile-ingest-items"}
    assert {one["host"] for one in found} == {"*"}


def test_names_follow_the_settings() -> None:
    Path("liveprofile.toml").write_text('app_id = "shop"\ntopic_prefix = "a-"\n', "utf-8")
    found = json.loads(run("--role", "ingest", "--format", "json").stdout)
    assert {one["name"] for one in found} == {one.name for one in rights([Role.INGEST], Topics("shop", prefix="a-"))}
    assert {one["principal"] for one in found} == {"User:a-shop-ingest"}


def test_commands_go_to_the_kafka_of_the_settings_for_the_principal_and_the_host_that_are_given() -> None:
    done = run("--role", "reader", "--group", "mailer", "--principal", "User:CN=mail, OU=x", "--host", "10.0.0.7")
    assert done.exit_code == 0
    start = "kafka-acls.sh --bootstrap-server 127.0.0.1:1 --add --allow-principal 'User:CN=mail, OU=x' --allow-host "
    assert all(line.startswith(f"{start}10.0.0.7 --operation ") for line in done.stdout.splitlines())
    assert "--group mailer --resource-pattern-type literal" in done.stdout


def test_other_formats_need_no_address() -> None:
    for form in ("strimzi", "terraform", "json"):
        assert CliRunner().invoke(main, ["acls", "--role", "admin", "--format", form]).exit_code == ExitCode.OK
    assert CliRunner().invoke(main, ["acls", "--role", "admin"]).exit_code == ExitCode.NO_KAFKA


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--role", "god"),
        ("--role", "ingest", "--principal", "ingest"),
        ("--role", "ingest", "--principal", "User:"),
        ("--role", "ingest", "--group", "mailer"),
        ("--role", "reader", "--group", "liveprofile"),
        ("--role", "reader", "--group", "*"),
        ("--role", "reader", "--group", ""),
        ("--role", "ingest", "--format", "strimzi", "--principal", "User:A"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_granted_is_refused(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (ExitCode.USAGE, "")
