"""Which tests a mutant is tried on: those that reach its line, the quickest of each file first, within some seconds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.mutants.readers import Lines, Readers

NEAR_S = 4.0
"""Seconds of tests in the folder of the module's own tests."""
MOST_S = 6.0
"""Seconds of tests for one mutant, the first of each file aside."""
LONG_S = 4.0
"""A test that takes longer is tried only where no other reaches the line."""
MOST_TESTS = 200
PAGES = "tests/unit/streams/settings/test_settings.py::test_the_page_of_settings_is_current"
"""The page of settings has every default."""


class Choice:
    """The tests with the lines that they reach."""

    def __init__(
        self, records: Iterable[Mapping[str, Any]], readers: Readers, texts: Mapping[str, str] | None = None
    ) -> None:
        """`texts` are those of the files of tests."""
        self._texts = texts or {}
        self.seconds: dict[str, float] = {}
        self._readers = readers
        self._reached: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._imported: set[tuple[str, int]] = set()
        for record in records:
            if not record["test"]:
                self._imported |= {(module, line) for module, lines in record["lines"].items() for line in lines}
            elif record["passed"]:
                self.seconds[record["test"]] = record["seconds"]
                for module, lines in record["lines"].items():
                    for line in lines:
                        self._reached[module, line].add(record["test"])

    def tests(self, mutation: Mapping[str, Any]) -> list[str]:
        """The tests for a mutation, in the order in which they are run; none where no test reaches it."""
        module, line = mutation["module"], mutation["line"]
        exact = self._readers.is_run(module, line) and (module, line) in self._reached
        lines: Lines = {(module, line)} if exact else self._readers.lines(module, line)
        reaching = {test for place in lines for test in self._reached.get(place, ())}
        named = set() if self._readers.is_run(module, line) else self._of_names(self._readers.names(module, line))
        reaching |= named
        short = {test for test in reaching if self.seconds[test] <= LONG_S}
        ordered = sorted(short or reaching, key=self.seconds.__getitem__)
        return self._bounded(ordered, module, [test for test in ordered if test in named])

    def _of_names(self, names: set[str]) -> set[str]:
        """The tests in files that mention a name, and those that compare pages in which all defaults are."""
        words = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b") if names else None
        files = {file for file, text in self._texts.items() if words and words.search(text)}
        return {test for test in self.seconds if test.partition("::")[0] in files or test == PAGES}

    def is_hot(self, mutation: Mapping[str, Any]) -> bool:
        """Whether the line is run by tests alone: nothing that an import has made depends on it."""
        place = mutation["module"], mutation["line"]
        return self._readers.is_run(*place) and place not in self._imported

    def of_files(self, files: Sequence[str]) -> list[str]:
        """The tests of files and folders, where nothing is known of a line."""
        inside = [test for test in self.seconds if test.startswith(tuple(files))]
        return self._bounded(sorted(inside, key=self.seconds.__getitem__), "")

    def _bounded(self, tests: Sequence[str], module: str, first: Sequence[str] = ()) -> list[str]:
        own = f"tests/unit/{module.rpartition('/')[0]}/"
        name = f"/test_{module.rpartition('/')[2].removesuffix('.py')}.py::"
        nearest = [test for test in tests if name in test or f"[liveprofile.{_dotted(module)}]" in test]
        near = _within(
            [*_by_turns(first), *nearest, *(test for test in tests if test.startswith(own))], self.seconds, NEAR_S
        )
        return _within([*near, *_by_turns(tests)], self.seconds, MOST_S)


def _dotted(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")


def _by_turns(tests: Sequence[str]) -> list[str]:
    """The first of each file, then the second of each file, and so on."""
    files: dict[str, int] = defaultdict(int)
    turns = []
    for test in tests:
        file = test.partition("::")[0]
        turns.append((files[file], len(turns), test))
        files[file] += 1
    return [test for _, _, test in sorted(turns)]


def _within(tests: Sequence[str], seconds: Mapping[str, float], most_s: float) -> list[str]:
    """The first tests that fit into some seconds, each once; at least one."""
    chosen: dict[str, None] = {}
    spent = 0.0
    for test in tests:
        if test not in chosen and len(chosen) < MOST_TESTS and (not chosen or spent + seconds[test] <= most_s):
            chosen[test] = None
            spent += seconds[test]
    return list(chosen)
