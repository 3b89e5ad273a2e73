"""The unit of systemd runs a command that exists, by settings that exist, and restarts by the documented exit codes."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support.paths import ROOT

from liveprofile.streams.cli.main import main
from liveprofile.streams.errors import ExitCode
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.fields import walk
from liveprofile.streams.settings.load import load
from liveprofile.streams.transport.security.cleartext import refuse_cleartext

FOLDER = ROOT / "examples" / "systemd"
UNIT = FOLDER / "liveprofile-worker@.service"


def values(name: str) -> list[str]:
    """All values of a name in the unit."""
    pairs = [line.split("=", 1) for line in UNIT.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return [value for key, value in pairs if key == name]


def test_it_runs_a_command_that_the_command_line_has() -> None:
    (line,) = values("ExecStart")
    program, command = line.split()
    assert program.endswith("/liveprofile")
    with main.make_context("liveprofile", [command]) as context:
        assert main.get_command(context, command) is not None


def test_every_setting_that_it_gives_exists() -> None:
    known = {field.variable for field in walk(Settings)}
    given = [pair.split("=")[0] for line in values("Environment") for pair in line.split()]
    given += [line.split("=")[0] for line in (FOLDER / "worker.env").read_text().splitlines() if line[:1].isalpha()]
    assert {name for name in given if name.startswith("LIVEPROFILE_")} <= known
    assert len(given) > 6


def test_its_workers_may_connect_to_the_brokers_that_it_names() -> None:
    lines = [line for line in (FOLDER / "worker.env").read_text().splitlines() if line[:1].isalpha()]
    settings = load(None, dict(line.split("=", 1) for line in lines)).settings
    refuse_cleartext(settings.bootstrap, settings.kafka)


def test_it_restarts_after_all_but_what_a_person_has_to_put_right() -> None:
    (never,) = values("RestartPreventExitStatus")
    assert {int(code) for code in never.split()} == {ExitCode.USAGE, ExitCode.WRONG}
    assert values("Restart") == ["always"]
    assert int(values("TimeoutStopSec")[0]) >= 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="SKIPPED FOR WANT OF systemd-analyze")
def test_systemd_understands_it(tmp_path: Path) -> None:
    text = UNIT.read_text().replace("/opt/liveprofile/bin/liveprofile", "/bin/true")
    unit = tmp_path / "liveprofile-worker@1.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []
