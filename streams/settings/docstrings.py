"""Reads the docstrings under the fields of a class, which Python does not keep."""

import ast
from collections.abc import Mapping
from functools import lru_cache
from inspect import getsource
from itertools import pairwise
from textwrap import dedent


@lru_cache(maxsize=32)
def field_texts(owner: type) -> Mapping[str, str]:
    """The docstring under each field or member of a class, on one line; fields without one are missing.

    >>> from liveprofile.profiles.records.activity import Flag
    >>> field_texts(Flag)["REPLAYED"]
    'The event is a replay of the past, not live.'
    """
    body = ast.parse(dedent(getsource(owner))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    texts = {}
    for field, below in pairwise(statements):
        if name := _name(field):
            text = _text(below)
            if text:
                texts[name] = text
    return texts


def _name(statement: ast.stmt) -> str | None:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else None


def _text(statement: ast.stmt) -> str | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    text = value.value if isinstance(value, ast.Constant) else None
    return " ".join(text.split()) if isinstance(text, str) else None
