"""Every exception of the package belongs to one tree, and says whether a retry helps and what to do."""

import importlib
import pkgutil
import re

import pytest

import liveprofile
from liveprofile import LiveprofileError, errors

TRAINING = ("torch", "peft")
"""Packages of the extra `train`, which is not installed everywhere."""


def modules():
    for found in pkgutil.walk_packages(liveprofile.__path__, "liveprofile."):
        if found.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name not in TRAINING:
                raise


def exceptions() -> list[type[BaseException]]:
    """All exception classes that the package defines."""
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == module.__name__
    }
    return sorted(found, key=lambda kind: kind.__name__)


def drawn(kind: type, depth: int = 0):
    """The tree below a class, as lines of name and depth."""
    yield depth, kind.__name__
    for child in kind.__subclasses__():
        if child.__module__.startswith("liveprofile."):
            yield from drawn(child, depth + 1)


@pytest.fixture(scope="module")
def classes():
    return exceptions()


def test_every_exception_has_the_root(classes) -> None:
    assert [kind.__name__ for kind in classes if not issubclass(kind, LiveprofileError)] == []
    assert len(classes) > 20


def test_every_exception_says_whether_a_retry_helps_and_what_to_do(classes) -> None:
    for kind in classes:
        assert isinstance(kind.retryable, bool), kind
        assert "next_step" in vars(kind), f"{kind.__name__} has no next step of its own"
        assert re.fullmatch(r"[A-Z`].+\.", kind.next_step), f"{kind.__name__}.next_step is no sentence"


def test_the_tree_in_the_docstring_is_that_of_the_classes(classes) -> None:
    lines = re.findall(r"^    ( *)(\w+Error)\b", errors.__doc__, re.MULTILINE)
    assert sorted((len(indent) // 2, name) for indent, name in lines) == sorted(drawn(LiveprofileError))


def test_callers_that_catch_value_errors_still_do() -> None:
    from liveprofile.models.snapshot import SnapshotError
    from liveprofile.profiles.segments.expressions import RuleError

    assert issubclass(SnapshotError, ValueError)
    assert issubclass(RuleError, ValueError)
    assert issubclass(liveprofile.DecodeError, ValueError)
