"""Every command that connects refuses a Kafka elsewhere without encryption, before it connects."""

import pytest
from click.testing import CliRunner

from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.main import main
from liveprofile.streams.errors import ExitCode
from liveprofile.streams.transport.connection import Connection
from liveprofile.streams.transport.security.settings import Security
from tests.support.cli_table import KAFKA, NOBODY, empty_folder, error_row

AWAY = "192.0.2.1:9092"
"""An address for documentation (RFC 5737): nobody answers, and an attempt would take long."""


@pytest.mark.parametrize("words", KAFKA, ids=" ".join)
def test_a_command_does_not_connect_without_encryption(words: tuple[str, ...]) -> None:
    assert error_row(("--bootstrap", AWAY, *words), ExitCode.USAGE).problems == ()
    with empty_folder():
        told = CliRunner().invoke(main, ["--bootstrap", AWAY, *words]).stderr
    assert "kafka.security_protocol = PLAINTEXT does not encrypt" in " ".join(told.split())


def test_a_command_connects_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEPROFILE_KAFKA__SECURITY_PROTOCOL", "SSL")
    connection = Context(overrides={"bootstrap": AWAY}).bootstrap()
    assert connection == Connection(AWAY, Security(security_protocol="SSL"))


def test_a_command_connects_where_the_setting_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.streams.transport.security.cleartext.is_loopback", lambda host: False)
    assert error_row(("--bootstrap", NOBODY, "topics", "list"), ExitCode.USAGE).problems == ()
    monkeypatch.setenv("LIVEPROFILE_KAFKA__ALLOW_PLAINTEXT", "true")
    assert error_row(("--bootstrap", NOBODY, "topics", "list"), ExitCode.NO_KAFKA).problems == ()
