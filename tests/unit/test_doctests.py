"""Every example in a docstring of the package is true."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import liveprofile

MODULES = sorted(
    ["liveprofile", *(found.name for found in pkgutil.walk_packages(liveprofile.__path__, "liveprofile."))]
)


TRAINING = ("torch", "peft")
"""Packages of the extra `train`, which is not installed everywhere."""


def imported(name: str) -> ModuleType:
    """A module; the test is skipped where it needs what only training needs."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in TRAINING:
            raise
        pytest.skip(f"SKIPPED FOR WANT OF {error.name}: the examples of {name} were not tried")


def examples_of(name: str) -> list[doctest.DocTest]:
    """The examples of a module, also those of compiled functions, which doctest would pass over."""
    module, finder = imported(name), doctest.DocTestFinder()
    found = finder.find(module, name)
    for attribute, value in vars(module).items():
        plain = getattr(value, "py_func", None)
        if plain is not None and plain.__module__ == name:
            found += finder.find(plain, f"{name}.{attribute}", module=module, globs=vars(module).copy())
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name):
    for test in examples_of(name):
        result = doctest.DocTestRunner(verbose=False).run(test)
        assert result.failed == 0, f"{test.name}: {result}"


def test_examples_of_compiled_functions_are_found():
    assert {test.name for test in examples_of("liveprofile.profiles.numeric.exact")} >= {
        "liveprofile.profiles.numeric.exact.exp2",
        "liveprofile.profiles.numeric.exact.log2",
    }
