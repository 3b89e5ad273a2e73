"""A plugin of pytest: all tests are collected once, and each mutant is tried in a fork of that process.

A mutant of a function is put in place by its code: whoever has imported the function runs the new code, and nothing is
imported or collected again. Requests come and answers go as JSON lines, by the file numbers in MUTANTS_FDS. A request
is `{"module": ..., "text": the changed module or nothing, "tests": [...], "wall_s": ..., "cpu_s": ...}`; an answer is
`{"by": the
test that failed, or what ended the run; empty where all passed}`.
"""

import gc
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutants.forks import answered

ROOT = Path(__file__).resolve().parents[2]
NOT_THERE = "no such function in memory"


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Answer requests until there are no more."""
    items = {item.nodeid: item for item in session.items}
    reading, writing = map(int, os.environ["MUTANTS_FDS"].split(","))
    gc.collect()
    gc.freeze()
    with os.fdopen(reading) as requests, os.fdopen(writing, "w") as answers:
        print(json.dumps(len(items)), file=answers, flush=True)
        for line in requests:
            asked = json.loads(line)
            by = answered(lambda asked=asked: tried(items, asked), asked["wall_s"], asked["cpu_s"])
            print(json.dumps({"by": by}), file=answers, flush=True)
    return True


def tried(items: Mapping[str, pytest.Item], asked: Mapping[str, Any]) -> str:
    """In the fork: break the module, and run the tests until one fails, which is given."""
    gc.unfreeze()
    if asked["text"] and not put(ROOT / asked["module"], asked["text"]):
        return NOT_THERE
    for test in asked["tests"]:
        if (item := items.get(test)) is not None:
            failed = Failed()
            item.config.pluginmanager.register(failed)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if failed.test:
                return failed.test
    return ""


class Failed:
    """Notes a failure."""

    test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note it."""
        if report.failed:
            self.test = report.nodeid


def put(path: Path, text: str) -> int:
    """Give the functions of a module the code of another text; how many were changed."""
    before, after = (
        [code for code in _codes(compile(source, str(path), "exec")) if code.co_flags & 1]  # functions, not classes
        for source in (path.read_text(), text)
    )
    if len(before) != len(after):
        return 0
    changed = {_key(old): new for old, new in zip(before, after, strict=True) if old != new}
    functions = [one for one in gc.get_objects() if isinstance(one, FunctionType) and _key(one.__code__) in changed]
    found = [one for one in functions if Path(one.__code__.co_filename).resolve() == path]
    for function in found:
        function.__code__ = changed[_key(function.__code__)]
    return len(found)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno
