"""Where a line is read: a line of a function by those who run it, a name of a module by the functions that use it."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Lines = set[tuple[str, int]]
DEPTH = 3
"""A constant that is made of a constant that is made of a constant."""


class Readers:
    """The modules' statements, and who uses their names."""

    def __init__(self, root: Path, modules: Sequence[str]) -> None:
        self._trees = {module: ast.parse((root / module).read_text()) for module in modules}
        self._inside: dict[str, Lines] = defaultdict(set)
        self._defaults: dict[str, Lines] = defaultdict(set)
        self._derived: dict[str, set[str]] = defaultdict(set)
        for module, tree in self._trees.items():
            self._note(module, tree)

    def is_run(self, module: str, line: int) -> bool:
        """Whether a line is run by calls, and not by the import of its module."""
        return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in self._path(module, line)[:-1])

    def lines(self, module: str, line: int) -> Lines:
        """Lines such that a test that runs one of them may notice a change of this line."""
        path = self._path(module, line)
        if self.is_run(module, line):
            return {(module, at) for at in _own(path[-1])}
        found, names = _body(module, path[-1]), self.names(module, line)
        return found | {place for name in names for place in self._inside[name] | self._defaults[name]}

    def names(self, module: str, line: int) -> set[str]:
        """The names that a line of a module or a class makes, and those of constants that are made of them."""
        names = {name for statement in self._path(module, line)[-1:] for name in _bound(statement)}
        for _ in range(DEPTH):
            names |= {derived for name in names for derived in self._derived[name]}
        return names

    def _path(self, module: str, line: int) -> list[ast.stmt]:
        return list(_path(self._trees[module], line))

    def _note(self, module: str, tree: ast.Module) -> None:
        for statement, inside in _statements(tree.body, inside=False):
            for name in _used(statement):
                if inside:
                    self._inside[name] |= {(module, at) for at in _own(statement)}
                else:
                    self._derived[name] |= set(_bound(statement))
                    self._defaults[name] |= _body(module, statement)


def _statements(body: Sequence[ast.stmt], *, inside: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for statement in body:
        yield statement, inside
        within = inside or isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _statements(_below(statement), inside=within)


def _below(node: ast.AST) -> list[ast.stmt]:
    """The statements in a statement."""
    found = [one for part in ("body", "orelse", "finalbody") for one in getattr(node, part, ())]
    nested = [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    return [one for one in found if isinstance(one, ast.stmt)] + [one for part in nested for one in part.body]


def _body(module: str, statement: ast.stmt) -> Lines:
    """The lines that a call of the function runs; none of other statements."""
    inner = statement.body if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return {(module, at) for one in inner for at in range(one.lineno, (one.end_lineno or 0) + 1)}


def _own(statement: ast.AST) -> range:
    """The lines of a statement without those of the statements in it."""
    first, last = getattr(statement, "lineno", 0), getattr(statement, "end_lineno", 0)
    decorators = [one.lineno for one in getattr(statement, "decorator_list", ())]
    below = [one.lineno for one in getattr(statement, "body", ()) if isinstance(one, ast.stmt)]
    return range(min([first, *decorators]), max(first, min(below) - 1) + 1 if below else last + 1)


def _path(tree: ast.Module, line: int) -> Iterator[ast.stmt]:
    """The statements around a line, the outermost first."""
    body: Sequence[ast.stmt] = tree.body
    while body:
        around = [one for one in body if _own(one).start <= line <= (one.end_lineno or 0)]
        if not around:
            return
        yield around[0]
        body = [] if line in _own(around[0]) else _below(around[0])


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module or a class makes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def _used(statement: ast.stmt) -> set[str]:
    """The names in the lines of a statement itself."""
    lines, found = _own(statement), set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute) and node.lineno in lines:
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.keyword) and node.arg and node.lineno in lines:
            found.add(node.arg)
    return found


def sources(root: Path, folders: Sequence[str]) -> Mapping[str, str]:
    """Some modules, and those of some folders, with their text."""
    places = [root / folder for folder in folders]
    found = [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    return {str(path.relative_to(root)): path.read_text() for path in found}
