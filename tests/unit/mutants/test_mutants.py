"""The plan of `make mutants`: every module has tests that exist, every room its share, and the page its survivors."""

import ast
from pathlib import Path

from support.paths import ROOT

from tests.mutants.__main__ import NEAREST, ROOMS, _put, drawn, modules, nearest
from tests.mutants.mutations import _idle
from tests.mutants.report import written


def test_every_module_has_nearest_tests_and_they_exist() -> None:
    found = modules(ROOMS)
    assert len(found) > 150 and {f"streams/runtime/{name}.py" for name in ("outbox", "checkpoint")} <= set(found)
    for tests in map(nearest, found):
        assert all((ROOT / path).exists() for path in (*tests["tests"], *tests.get("kafka", ())))
    assert all((ROOT / folder).is_dir() for folder in NEAREST)


def test_each_room_has_the_same_share_and_a_seed_draws_the_same_again() -> None:
    everything = [{"module": f"{room}/m.py", "occurrence": at} for room in ROOMS for at in range(90)]
    chosen = drawn(everything, ROOMS, 40, seed=3)
    assert [sum(one["module"].startswith(room) for one in chosen) for room in ROOMS] == [10] * 4
    assert chosen == drawn(everything, ROOMS, 40, seed=3) != drawn(everything, ROOMS, 40, seed=4)


def test_annotations_and_logs_are_not_broken_and_code_is() -> None:
    lines = ("def f(a: int | None) -> int | str:", "    log.info('n', n=a + 1)", "    return a + 1")
    idle = list(_idle(ast.parse("\n".join(lines))))

    def is_idle(line: int, text: str) -> bool:
        place = (line, lines[line - 1].index(text))
        return any(begin <= place < end for begin, end in idle)

    assert is_idle(1, "| None") and is_idle(1, "| str") and is_idle(2, "+ 1")
    assert not is_idle(3, "+ 1")


def test_the_page_has_the_score_and_the_difference_of_every_survivor() -> None:
    killed = {"module": "streams/runtime/stage.py", "outcome": "killed", "seconds": 30.0}
    survived = {
        "module": "streams/runtime/fence.py",
        "line": 7,
        "operator": "core/ReplaceTrueWithFalse",
        "difference": "-    x = True\n+    x = False",
        "outcome": "survived",
        "seconds": 30.0,
    }
    idle = killed | {"outcome": "nothing to change"}
    lost = survived | {"outcome": "not reached", "line": 9}
    text = written([killed, killed, killed, survived, lost, idle], rooms=ROOMS, total=900, seed=1)
    assert "**60% of 5 mutants killed** (seed 1, of 900 mutations; 2 min, 30.0 s a mutant)." in text
    assert "| streams/runtime | 5 | 3 (60%) | 2 | 1 |" in text and "| profiles | 0 | 0 (none) | 0 | 0 |" in text
    assert "streams/runtime/fence.py:9 ReplaceTrueWithFalse (not reached)\n" in text
    assert "streams/runtime/fence.py:7 ReplaceTrueWithFalse\n-    x = True\n+    x = False" in text


def test_the_page_has_a_place_for_it() -> None:
    page = Path(ROOT / "docs" / "testing.md").read_text()
    for seed in (1, 2):
        assert page.index(f"<!-- mutants {seed} -->") < page.index(f"<!-- end of mutants {seed} -->")


def test_another_seed_has_no_place_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- mutants 1 -->\nold\n<!-- end of mutants 1 -->\nafter\n")
    _put(page, "new", seed=2)
    assert "old" in page.read_text()
    _put(page, "new", seed=1)
    assert page.read_text() == "before\n<!-- mutants 1 -->\n\nnew\n<!-- end of mutants 1 -->\nafter\n"
