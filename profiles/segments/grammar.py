"""Gives `rule_engine` the parsing tables of its own grammar, which it would compute at each start in 0.4 s.

PLY, the parser generator in it, looks for a module of a fixed name, and uses its tables if their signature is that of
the grammar; else it computes them. The tables stand in `grammar.json`, written by
`python -m liveprofile.profiles.segments.grammar`. Import `rule_engine` from here.
"""

import json
import runpy
import sys
import types
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FILE = Path(__file__).with_name("grammar.json")
MODULE = "rule_engine.parser.parsetab"
"""Where PLY looks."""


def tables() -> types.ModuleType:
    """The module that PLY expects, from the file."""
    known = json.loads(FILE.read_bytes())
    module = types.ModuleType(MODULE)
    module.__dict__.update(
        _tabversion=known["tables"],
        _lr_method="LALR",
        _lr_signature=known["signature"],
        _lr_action=_by_state(known["action"]),
        _lr_goto=_by_state(known["goto"]),
        _lr_productions=known["productions"],
    )
    return module


def _by_state(entries: dict[str, list[list[int]]]) -> dict[int, dict[str, int]]:
    """What PLY looks up, state and then symbol, from the states and values of each symbol."""
    found: dict[int, dict[str, int]] = {}
    for symbol, (states, values) in entries.items():
        for state, value in zip(states, values, strict=True):
            found.setdefault(state, {})[symbol] = value
    return found


sys.modules.setdefault(MODULE, tables())

import rule_engine  # noqa: E402 - its tables must be there before it looks for them
from rule_engine import ast, errors  # noqa: E402
from rule_engine.types import DataType  # noqa: E402

__all__ = ["DataType", "ast", "errors", "rule_engine"]


def computed() -> dict[str, Any]:
    """The tables as PLY computes them from the grammar, in the form of the file."""
    from rule_engine._vendor.ply import yacc

    with TemporaryDirectory() as folder:
        yacc.yacc(module=rule_engine.Rule.parser, tabmodule="computed", outputdir=folder, errorlog=yacc.NullLogger())
        found = runpy.run_path(str(Path(folder) / "computed.py"))
    return {
        "tables": found["_tabversion"],
        "signature": found["_lr_signature"],
        "action": _by_symbol(found["_lr_action"]),
        "goto": _by_symbol(found["_lr_goto"]),
        "productions": [list(one) for one in found["_lr_productions"]],
    }


def _by_symbol(table: dict[int, dict[str, int]]) -> dict[str, list[list[int]]]:
    """The states and values of each symbol: a fifth of the size."""
    entries: dict[str, list[list[int]]] = {}
    for state, values in table.items():
        for symbol, value in values.items():
            states, found = entries.setdefault(symbol, [[], []])
            states.append(state)
            found.append(value)
    return entries


def text() -> str:
    """The file: one entry of `computed` on a line."""
    entries = (f'"{name}":{json.dumps(value, separators=(",", ":"))}' for name, value in computed().items())
    return "{\n" + ",\n".join(entries) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text())
