"""Mutants in forks: a broken function is run by all who have it, and what does not end is ended."""

import sys
import time
from pathlib import Path
from types import ModuleType

from tests.mutants.forks import answered
from tests.mutants.hot import put

MODULE = """def half(x: int) -> int:
    return x // 2


class Halves:
    kept = staticmethod(half)

    def all(self, xs: list[int]) -> list[int]:
        return [half(x) for x in xs]
"""


def loaded(folder: Path) -> ModuleType:
    path = folder / "halves.py"
    path.write_text(MODULE)
    module = ModuleType("halves")
    exec(compile(MODULE, str(path), "exec"), vars(module))
    return module


def test_a_broken_function_is_run_by_all_who_have_it(tmp_path: Path) -> None:
    module = loaded(tmp_path)
    kept, bound = module.half, module.Halves().all
    assert put(tmp_path / "halves.py", MODULE.replace("x // 2", "x * 2")) == 1
    assert kept(3) == module.Halves.kept(3) == 6 and bound([1, 2]) == [2, 4]
    assert put(tmp_path / "halves.py", MODULE.replace("in xs", "in xs[1:]")) == 1
    assert bound([1, 2]) == [4]


def test_a_change_outside_functions_replaces_nothing(tmp_path: Path) -> None:
    loaded(tmp_path)
    assert put(tmp_path / "halves.py", MODULE.replace("staticmethod(half)", "None")) == 0


def test_a_fork_gives_its_answer_or_what_ended_it() -> None:
    assert answered(lambda: "elsewhere::test", 10.0, 10.0) == "elsewhere::test"
    assert answered(lambda: "", 10.0, 10.0) == ""
    assert answered(lambda: str(1 / 0), 10.0, 10.0).startswith("ZeroDivisionError")
    began = time.monotonic()
    assert answered(lambda: str(time.sleep(60)), 0.5, 10.0) == "the limit of time"
    assert time.monotonic() - began < 30


def test_a_fork_leaves_this_process_as_it_was() -> None:
    before = dict(sys.modules)
    assert answered(lambda: str(sys.modules.clear()), 10.0, 10.0) == "None"
    assert sys.modules == before
