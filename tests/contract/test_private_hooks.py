"""The private hooks of faust-streaming and aiokafka exist in the installed versions, and look as they did."""

import ast
import re
from pathlib import Path

import faust
import pytest
from faust.transport.drivers import aiokafka as driver
from support.paths import ROOT

from liveprofile.streams.transport import private_hooks
from liveprofile.streams.transport.private_hooks.hook import HOOKS, Hook
from liveprofile.streams.transport.private_hooks.of_faust import OpenApp, OpenConsumer, OpenThread

FOLDER = ROOT / "streams" / "transport" / "private_hooks"
LIBRARY_OBJECTS = ("consumer", "client", "producer", "fetcher", "admin", "batch")
"""Names under which objects of the two libraries go in streams/."""


class Base:
    """Sets an attribute."""

    def __init__(self) -> None:
        self._inherited = 1


class Derived(Base):
    """Declares another one."""

    _declared: int


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.title)
def test_the_hook_is_there_with_the_signature_it_was_checked_with(hook: Hook) -> None:
    assert hook.problem() is None


def test_a_hook_that_is_gone_or_has_changed_is_told() -> None:
    gone = Hook("faust", "faust.app.base:App", "_no_such_method", ("self",))
    changed = Hook("faust", "faust.app.base:App", "_on_rebalance_when_stopped", ("self", "why"))
    no_attribute = Hook("aiokafka", "aiokafka.consumer.fetcher:Fetcher", "_no_such_attribute")
    assert "the method is gone" in (gone.problem() or "")
    assert "parameters are ('self',)" in (changed.problem() or "")
    assert "is set nowhere" in (no_attribute.problem() or "")
    no_class = Hook("faust", "faust.app.base:NoSuchApp", "_on_rebalance_when_stopped", ("self",))
    assert no_class.problem() == "faust NoSuchApp._on_rebalance_when_stopped: there is no faust.app.base:NoSuchApp"
    expected = "expected ('self', 'why')"
    assert (changed.problem() or "").startswith("faust App._on_rebalance_when_stopped: ") and expected in (
        changed.problem() or ""
    )


def test_a_hook_that_became_a_coroutine_function_or_is_one_no_longer_is_told() -> None:
    plain = Hook("faust", "faust.app.base:App", "_on_rebalance_when_stopped", ("self",), is_async=True)
    drain = ("faust", "faust.transport.drivers.aiokafka:Consumer", "_drain_messages", ("self", "fetcher"))
    assert (plain.problem() or "").endswith("it is not a coroutine function")
    assert (Hook(*drain).problem() or "").endswith("it is a coroutine function")


def test_an_attribute_may_be_set_by_a_class_that_another_one_inherits_from() -> None:
    assert Hook("aiokafka", "aiokafka.producer.message_accumulator:BatchBuilder", "_closed").problem() is None
    owner = f"{__name__}:Derived"
    assert Hook("here", owner, "_inherited").problem() is None
    assert Hook("here", owner, "_declared").problem() is None
    assert (
        Hook("here", owner, "_missing").problem() == "here Derived._missing: the attribute is set nowhere in the class"
    )


def test_the_table_in_the_docstring_lists_every_hook_with_its_reason() -> None:
    rows = re.findall(r"^\| ((?:faust|aiokafka) \S+) \| (.+) \|$", private_hooks.__doc__ or "", re.MULTILINE)
    assert [title for title, _ in rows] == [hook.title for hook in HOOKS]
    assert all(why for _, why in rows)


@pytest.mark.parametrize(
    "ours, theirs",
    [(OpenConsumer, driver.Consumer), (OpenThread, driver.AIOKafkaConsumerThread), (OpenApp, faust.App)],
)
def test_the_public_names_that_hooks_are_given_hide_nothing_of_the_library(ours: type, theirs: type) -> None:
    names = {name for name in vars(ours) if not name.startswith("_")} - {"logger"}  # which mode gives every class
    assert {name for name in names if hasattr(theirs, name)} == set()


def test_no_other_module_touches_private_names_of_the_libraries() -> None:
    """Private attributes of their objects, and overrides of the methods in the table."""
    outside = [path for path in (ROOT / "streams").rglob("*.py") if FOLDER not in path.parents]
    assert [found for path in outside for found in _touches(path)] == []


def _touches(path: Path) -> list[str]:
    methods = {hook.name for hook in HOOKS if hook.library == "faust"}
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            touched = node.name in methods - {"_commit"}
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = ast.unparse(node.value)
            touched = owner != "self" and owner.rpartition(".")[2].lstrip("_") in LIBRARY_OBJECTS
        else:
            continue
        if touched:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found
