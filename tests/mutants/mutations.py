"""Lists, makes and undoes mutations: the one module that needs cosmic-ray. It runs in an environment of its own.

python mutations.py list FOLDER MODULE...     a JSON line for each mutation that changes what a module does
python mutations.py apply FOLDER              reads one such line, changes the module, and prints the difference
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


def apply(folder: Path, wanted: dict[str, Any]) -> str:
    """Change the module in place; gives the difference, empty where the operator has nothing to change there."""
    from cosmic_ray.mutating import apply_mutation
    from cosmic_ray.plugins import get_operator

    path = folder / wanted["module"]
    before, after = apply_mutation(path, get_operator(wanted["operator"])(), wanted["occurrence"])
    lines = difflib.unified_diff((before or "").splitlines(), (after or "").splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


if __name__ == "__main__":
    _, what, where, *modules = sys.argv
    if what == "list":
        for name in modules:
            for found in mutations(Path(where), name):
                print(json.dumps(found))
    else:
        print(apply(Path(where), json.loads(sys.stdin.read())))
