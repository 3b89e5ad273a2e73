"""Which tests a mutant is tried on."""

from pathlib import Path

from tests.mutants.choice import LONG_S, MOST_S, Choice
from tests.mutants.readers import Readers

MODULE = """LIMIT = 3
TWICE = 2 * LIMIT
OTHER = 4

def unused(limit: int = OTHER) -> int:
    return limit


def checked(count: int) -> bool:
    if count > (
        TWICE
    ):
        return False
    return True
"""


def choice(folder: Path, **reached: tuple[float, tuple[int, ...]]) -> Choice:
    (folder / "m.py").write_text(MODULE)
    records = [
        {"test": f"tests/unit/{name}.py::test_it", "passed": True, "seconds": seconds, "lines": {"m.py": lines}}
        for name, (seconds, lines) in reached.items()
    ]
    return Choice(records, Readers(folder, ["m.py"]))


def chosen(choice: Choice, line: int) -> list[str]:
    tests = choice.tests({"module": "m.py", "line": line})
    return [test.removeprefix("tests/unit/").partition(".")[0] for test in tests]


def test_a_line_of_a_function_is_tried_on_the_tests_that_run_it_the_quickest_first(tmp_path: Path) -> None:
    found = choice(tmp_path, slow=(3.0, (10, 13)), quick=(1.0, (10, 13)), other=(0.5, (10, 14)))
    assert chosen(found, 13) == ["quick", "slow"]
    assert chosen(found, 11) == ["other", "quick", "slow"], "a line within a statement is its statement"
    assert chosen(found, 6) == []


def test_a_constant_is_tried_on_the_tests_of_those_who_read_it_also_by_another_constant(tmp_path: Path) -> None:
    found = choice(tmp_path, reads=(1.0, (10, 11)), runs=(1.0, (6,)))
    assert chosen(found, 1) == chosen(found, 2) == ["reads"]


def test_a_constant_that_is_a_default_is_tried_on_the_tests_that_run_the_function(tmp_path: Path) -> None:
    assert chosen(choice(tmp_path, reads=(1.0, (11,)), runs=(1.0, (6,))), 3) == ["runs"]


def test_a_default_is_tried_on_the_tests_that_run_the_function(tmp_path: Path) -> None:
    assert chosen(choice(tmp_path, reads=(1.0, (11,)), runs=(1.0, (6,))), 5) == ["runs"]


def test_the_tests_of_one_mutant_are_bounded_and_tests_that_take_long_are_the_last_resort(tmp_path: Path) -> None:
    many = {f"t{at}": (MOST_S / 4, (13,)) for at in range(9)}
    assert len(chosen(choice(tmp_path, **many), 13)) == 4
    assert chosen(choice(tmp_path, long=(LONG_S + 1, (13,)), short=(1.0, (13,))), 13) == ["short"]
    assert chosen(choice(tmp_path, long=(MOST_S + 1, (13,))), 13) == ["long"]


def test_tests_that_did_not_pass_unbroken_are_not_chosen(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(MODULE)
    record = {"test": "elsewhere::test_it", "passed": False, "seconds": 1.0, "lines": {"m.py": [13]}}
    assert Choice([record], Readers(tmp_path, ["m.py"])).tests({"module": "m.py", "line": 13}) == []


def test_functions_are_replaced_in_memory_unless_an_import_runs_them(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(MODULE)
    imported = {"test": "", "passed": True, "seconds": 1.0, "lines": {"m.py": [1, 2, 5, 6, 9]}}
    found = Choice([imported], Readers(tmp_path, ["m.py"]))
    assert [found.is_hot({"module": "m.py", "line": line}) for line in (13, 6, 5, 1)] == [True, False, False, False]


def test_a_constant_is_tried_first_on_the_tests_of_files_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(MODULE)
    tests = {name: f"tests/unit/{name}.py::test_it" for name in ("reads", "names", "other")}
    lines = {"reads": [11], "names": [], "other": [2]}
    records = [
        {"test": test, "passed": True, "seconds": 1.0, "lines": {"m.py": lines[name]}} for name, test in tests.items()
    ]
    said = {"names": "assert TWICE == 6", "other": "assert not TWICES"}
    texts = {f"tests/unit/{name}.py": text for name, text in said.items()}
    found = Choice(records, Readers(tmp_path, ["m.py"]), texts)
    assert chosen(found, 1) == ["names", "reads"] and chosen(found, 13) == []
