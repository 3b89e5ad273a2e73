"""Lists and makes mutations: the one module that needs cosmic-ray. It runs in an environment of its own.

python mutations.py list FOLDER MODULE...     a JSON line for each mutation that changes what a module does
python mutations.py make FOLDER               reads such lines, and prints the changed module and the difference of each
"""

import ast
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Place = tuple[int, int]
UNTOLD = ("log", "logger", "warnings")
"""Calls of these say something to people; their words are not tested."""


def mutations(folder: Path, module: str) -> Iterator[dict[str, Any]]:
    """The mutations of a module, but for those in annotations and logs."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    idle = list(_idle(ast.parse((folder / module).read_text())))
    nodes = list(ast_nodes(get_ast_from_path(folder / module)))
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = [place for node in nodes for place, _ in operator().mutation_positions(node)]
        for occurrence, place in enumerate(places):
            if not any(begin <= place < end for begin, end in idle):
                yield {
                    "module": module,
                    "operator": name,
                    "occurrence": occurrence,
                    "line": place[0],
                    "column": place[1],
                }


def _idle(tree: ast.AST) -> Iterator[tuple[Place, Place]]:
    """Where a change changes nothing: annotations, imports for the type checker, and what is told to people."""
    for node in ast.walk(tree):
        given = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        given += [node] if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" else []
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in UNTOLD:
            given.append(node)
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(
            ("Callable[", "npt.", "dict[", "tuple[")
        ):
            given.append(node)  # the alias of a type
        for one in given:
            if one is not None:
                yield (one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset)


def changed(folder: Path, wanted: dict[str, Any]) -> dict[str, str]:
    """The module with this mutation, and the difference; both empty where there is nothing to change."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    before = (folder / wanted["module"]).read_text()
    try:
        after = mutate_code(before, get_operator(wanted["operator"])(), wanted["occurrence"]) or before
        ast.parse(after)
    except (AttributeError, SyntaxError):
        after = (
            before  # exceptions with a dotted name are beyond the operator; what is no Python, any test would notice
        )
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    kept = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return {"text": after if kept else "", "difference": "\n".join(kept)}


if __name__ == "__main__":
    _, what, where, *modules = sys.argv
    if what == "list":
        for name in modules:
            for found in mutations(Path(where), name):
                print(json.dumps(found))
    else:
        for line in sys.stdin:
            print(json.dumps(changed(Path(where), json.loads(line))))
