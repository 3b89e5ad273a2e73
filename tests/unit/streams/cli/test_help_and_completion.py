"""`help` shows what --help shows, and `completion` what each shell needs."""

import shutil
import subprocess

import pytest
from click.testing import CliRunner

from liveprofile.streams.cli.main import COMMANDS, main


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments), prog_name="liveprofile")
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("words", [(), ("watch",), ("topics", "check")])
def test_help_of_a_command_is_what_its_option_prints(words: tuple[str, ...]) -> None:
    assert run("help", *words).strip() == run(*words, "--help").strip()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(shell: str) -> None:
    script = run("completion", shell)
    assert "_LIVEPROFILE_COMPLETE" in script
    if program := shutil.which(shell):
        assert subprocess.run([program, "-n"], input=script, text=True, check=False).returncode == 0


def test_the_script_completes_commands() -> None:
    environ = {"_LIVEPROFILE_COMPLETE": "bash_complete", "COMP_WORDS": "liveprofile wa", "COMP_CWORD": "1"}
    done = CliRunner().invoke(main, [], prog_name="liveprofile", env=environ)
    found = done.output.split()
    every = {name for commands in COMMANDS.values() for name in commands if name.startswith("wa")}
    assert {one.removeprefix("plain,") for one in found} == every
