"""`identity`: rules are checked, and tried on a file of logins, without Kafka and without showing an id."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from liveprofile.profiles.identity.rules import starter
from liveprofile.streams.cli.main import main
from liveprofile.streams.query.identity import profile_id

KEY = "a key for this test"
AT = '"ts": "2026-01-01T10:00:00Z"'
LOGINS = (
    f'{{"user_id": "u1", "anonymous_id": "cookie-1", "ids": {{"email": "Ada@example.org"}}, {AT}}}',
    f'{{"user_id": "u2", "anonymous_id": "tablet-9", {AT}}}',
    f'{{"user_id": "u3", "anonymous_id": "tablet-9", {AT}}}',
    f'{{"topic": "feedback", "kind": "accept", "user_id": "u4", "anonymous_id": "cookie-4", {AT}}}',
    f'{{"kind": "merge", "user_id": "u1", "ids": {{"user": "u4"}}, {AT}}}',
    f'{{"kind": "lgoin", "user_id": "u1", "anonymous_id": "cookie-5", {AT}}}',
    '{"user_id": "u1", "anonymous_id": "cookie-6"}',
    '{"user_id": "u1", "anonymous_id": "cookie-7", "ts": "yesterday", "ids": {}}',
    f'{{"user_id": "u1", "ids": {{"fax-secret": "1"}}, {AT}}}',
    "not json",
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rules and logins in a folder."""
    monkeypatch.setenv("LIVEPROFILE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("LIVEPROFILE_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text(starter().text, "utf-8")
    (tmp_path / "last.toml").write_text(starter().text.replace('contested = "none"', 'contested = "last"'), "utf-8")
    (tmp_path / "logins.jsonl").write_text("\n".join(LOGINS), "utf-8")
    return tmp_path


def test_the_included_rules_are_printed_and_pass_their_check(files: Path) -> None:
    printed = CliRunner().invoke(main, ["identity", "rules"])
    assert printed.stdout == starter().text
    done = CliRunner().invoke(main, ["identity", "check", "rules.toml"])
    assert done.exit_code == 0
    assert "starter@1" in done.stdout


def test_wrong_rules_are_named_and_exit_with_3(files: Path) -> None:
    (files / "wrong.toml").write_text(starter().text.replace("strength = 60", "strength = 6000"), "utf-8")
    done = CliRunner().invoke(main, ["identity", "check", "wrong.toml", "--json"])
    assert done.exit_code == 3
    assert json.loads(done.stdout)["problems"] == ["[identity.types] email: strength is 6000: from 1 to 999."]
    assert CliRunner().invoke(main, ["identity", "preview", "wrong.toml", "logins.jsonl"]).exit_code == 3


def test_a_preview_counts_persons_and_faults_and_shows_no_id(files: Path) -> None:
    done = CliRunner().invoke(main, ["identity", "preview", "rules.toml", "logins.jsonl", "--json"])
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["lines"], found["links"], found["persons_by_size"]) == (10, 6, {"5": 1})
    assert found["refused_links"] == {"CONTESTED": 2}
    assert found["unusable_lines"]["UNKNOWN_TYPE"] == 1
    assert sum(found["unusable_lines"].values()) == 5
    anchor = min(f"user:{profile_id(user, KEY.encode())}" for user in ("u1", "u4"))
    assert {one["after"] for one in found["join_examples"]} == {anchor}
    shown = CliRunner().invoke(main, ["identity", "preview", "rules.toml", "logins.jsonl"])
    assert "4 identifiers would join a person, 0 would part" in shown.stdout
    for secret in ("cookie-1", "tablet-9", "Ada", "lgoin", "fax-secret", "u4"):
        assert secret not in shown.output + done.output.replace(anchor, "")


def test_a_preview_against_other_rules_has_who_parts(files: Path) -> None:
    command = ["identity", "preview", "rules.toml", "logins.jsonl", "--against", "last.toml", "--json"]
    found = json.loads(CliRunner().invoke(main, command).stdout)
    assert (found["joins"], found["parts"]) == (0, 1)
    assert found["part_examples"][0]["identifier"] == found["part_examples"][0]["after"]


def test_a_file_without_a_link_exits_with_3(files: Path) -> None:
    (files / "none.jsonl").write_text('{"user_id": "u1"}\n', "utf-8")
    assert CliRunner().invoke(main, ["identity", "preview", "rules.toml", "none.jsonl"]).exit_code == 3


def test_without_a_key_pseudonyms_are_of_this_run_alone(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEPROFILE_PSEUDONYM_KEY")
    done = CliRunner().invoke(main, ["identity", "preview", "rules.toml", "logins.jsonl"])
    assert done.exit_code == 0
    assert "no pseudonym key" in done.stderr
    assert [path.name for path in files.iterdir() if path.suffix == ".key"] == []
