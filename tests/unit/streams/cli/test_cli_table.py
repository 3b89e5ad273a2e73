"""Every command's help fits 80 columns and has an example; every error is a sentence, a next step and a known code."""

import pytest

from liveprofile.streams.cli.main import main
from liveprofile.streams.errors import ExitCode
from tests.support.cli_table import KAFKA, NOBODY, WRONG, Row, commands, error_row, help_row


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_help_fits_eighty_columns_and_has_an_example(words: tuple[str, ...]) -> None:
    assert help_row(words).problems == ()


@pytest.mark.parametrize("words, code", WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_a_wrong_command_line_is_told_in_a_sentence_with_a_next_step(words: tuple[str, ...], code: ExitCode) -> None:
    assert error_row(words, code).problems == ()


@pytest.mark.parametrize("words", KAFKA, ids=" ".join)
def test_without_kafka_a_command_says_so_and_ends_with_its_code(words: tuple[str, ...]) -> None:
    assert error_row(("--bootstrap", NOBODY, *words), ExitCode.NO_KAFKA).problems == ()


def test_the_table_finds_what_is_wrong() -> None:
    row: Row = error_row(("wacht",), ExitCode.NO_KAFKA)
    assert row.problems == ("ended with 2 instead of 4",)
