"""The tables of the rules' grammar are those that PLY would compute, and are the ones in use."""

from liveprofile.profiles.segments.grammar import FILE, rule_engine, text


def test_the_file_has_the_tables_of_the_installed_grammar() -> None:
    """Else every start computes them: run python -m liveprofile.profiles.segments.grammar."""
    assert FILE.read_text() == text()


def test_the_parser_took_them_from_the_file() -> None:
    """Productions that were read are PLY's small ones, without the items from which tables are computed."""
    assert {type(one).__name__ for one in rule_engine.Rule.parser._parser.productions} == {"MiniProduction"}
