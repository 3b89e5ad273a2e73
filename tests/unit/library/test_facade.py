"""The public surface: small, lazily loaded, and the same for people and for type checkers."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

import liveprofile

HEAVY = ("numba", "scipy", "sklearn", "transformers", "faust", "mode", "onnxruntime", "numpy", "aiokafka")
MOST_S = 0.05


def loaded_by(statement: str) -> list[str]:
    """The heavy packages that are loaded after a statement, in a Python of its own."""
    program = f"import json, sys\n{statement}\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import liveprofile") == []


def test_help_of_the_command_line_loads_nothing_heavy() -> None:
    statement = (
        "import contextlib, io\n"
        "from liveprofile.streams.cli.main import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['--help'])"
    )
    assert loaded_by(statement) == []


def test_a_consumer_of_changes_needs_neither_faust_nor_a_model() -> None:
    loaded = loaded_by("from liveprofile import AsyncChanges, Changes, ProfileChanged, profile_id")
    assert set(loaded) <= {"aiokafka", "numpy"}


def test_importing_the_package_takes_less_than_fifty_milliseconds_of_the_processor() -> None:
    program = "import time; began = time.process_time(); import liveprofile; print(time.process_time() - began)"
    command = [sys.executable, "-c", program]
    times = [float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout) for _ in range(3)]
    assert min(times) < MOST_S


@pytest.mark.parametrize("name", liveprofile.__all__)
def test_every_public_name_loads_and_is_documented(name: str) -> None:
    found = getattr(liveprofile, name)
    assert found.__doc__
    assert found.__doc__.strip()


def test_a_name_that_is_not_public_is_refused_with_a_hint() -> None:
    with pytest.raises(AttributeError, match="public names are in __all__"):
        _ = liveprofile.Profile  # type: ignore[attr-defined]


def test_type_checkers_see_the_names_where_they_are_loaded_from() -> None:
    source = Path(liveprofile.__file__).read_text(encoding="utf-8")
    block = next(node for node in ast.parse(source).body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == liveprofile._MODULES
    assert sorted(seen) == liveprofile.__all__
    assert set(liveprofile.__all__) <= set(dir(liveprofile))
