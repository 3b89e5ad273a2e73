"""The settings as a flat list, read off the structs: what is filled by `settings_load` and printed by `settings_doc`.

A section may be a frozen struct or a frozen dataclass. The documentation of a field is a `msgspec.Meta`, or, in a
dataclass, `metadata={"doc": ..., "unit": ..., "ge": ...}` or the string under the field.
"""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

_LIMITS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_UNITS = {"_ms": "ms", "_s": "s", "_bytes": "bytes"}


@dataclasses.dataclass(frozen=True)
class Field:
    """One setting."""

    name: str
    """Dotted: "ingest.batch_max"."""
    type: Any
    """Its type with limits, as `msgspec.convert` takes it."""
    default: Any
    meaning: str
    unit: str
    limits: str
    """Its limits or choices in words; empty if there are none."""

    @property
    def variable(self) -> str:
        """Its environment variable.

        >>> Field("ingest.batch_max", int, 32, "", "", "").variable
        'LIVEPROFILE_INGEST__BATCH_MAX'
        """
        return "LIVEPROFILE_" + self.name.upper().replace(".", "__")

    @property
    def is_secret(self) -> bool:
        """Whether its value must not be shown."""
        return "Secret" in str(self.type)

    @property
    def section(self) -> str:
        """The table it stands in; empty at the top."""
        return self.name.rpartition(".")[0]


def is_section(kind: Any) -> bool:
    """Whether a type is a table of settings."""
    return isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or dataclasses.is_dataclass(kind))


def walk(section: type[Any], prefix: str = "") -> Iterator[Field]:
    """Every setting of a section class and of the sections within it, in the order of the code."""
    docs = _docs_under_fields(section) if dataclasses.is_dataclass(section) else {}
    defaults = section()
    extras = {f.name: f.metadata for f in dataclasses.fields(section)} if dataclasses.is_dataclass(section) else {}
    for name, hint in get_type_hints(section, include_extras=True).items():
        if name not in extras and name not in getattr(section, "__struct_fields__", ()):
            continue
        kind = plain(hint)
        if is_section(kind):
            yield from walk(kind, f"{prefix}{name}.")
        else:
            meta = _meta(hint, extras.get(name, {}), docs.get(name, ""), name)
            yield Field(
                prefix + name,
                hint if get_origin(hint) is Annotated else Annotated[hint, meta],
                getattr(defaults, name),
                re.sub(r"[,;] seconds$", "", (meta.description or "").rstrip(".")),  # the unit stands beside it
                (meta.extra or {}).get("unit", ""),
                _limits(kind, meta),
            )


def sections(section: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted name and introduction (the docstring's first paragraph) of a section class and of all within it."""
    yield prefix, (inspect.getdoc(section) or "").partition("\n\n")[0]
    for name, hint in get_type_hints(section, include_extras=True).items():
        if is_section(kind := plain(hint)):
            yield from sections(kind, f"{prefix}.{name}".lstrip("."))


def build(section: Any, values: dict[str, Any], prefix: str = "") -> Any:
    """A section filled with converted values by dotted name; what is missing keeps its default."""
    given: dict[str, Any] = {}
    for name, hint in get_type_hints(section, include_extras=True).items():
        if is_section(kind := plain(hint)):
            given[name] = build(kind, values, f"{prefix}{name}.")
        elif prefix + name in values:
            given[name] = values[prefix + name]
    return section(**given)


def plain(hint: Any) -> Any:
    """A type without its annotations."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _meta(hint: Any, extras: Any, doc: str, name: str) -> Meta:
    """The annotation of a field, or one made of a dataclass field's metadata and docstring."""
    if get_origin(hint) is Annotated and (found := [m for m in get_args(hint)[1:] if isinstance(m, Meta)]):
        return found[0]
    unit = extras.get("unit") or next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    limits = {key: extras[key] for key in _LIMITS if key in extras}
    return Meta(description=extras.get("doc") or doc or None, extra={"unit": unit}, **limits)


def _limits(kind: Any, meta: Meta) -> str:
    """Limits in words.

    >>> _limits(int, Meta(ge=1, le=9))
    'at least 1, at most 9'
    """
    words = [text.format(f"{value:,}") for key, text in _LIMITS.items() if (value := getattr(meta, key)) is not None]
    literals = [kind, *get_args(kind)]
    choices = [str(choice) for literal in literals if get_origin(literal) is Literal for choice in get_args(literal)]
    if choices:
        words.append(("any of " if get_origin(kind) is tuple else "one of ") + ", ".join(choices))
    if meta.pattern:
        words.append(f"matches `{meta.pattern}`")
    return ", ".join(words)


def _docs_under_fields(section: type) -> dict[str, str]:
    """The strings that stand under the fields of a class, by field."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(section))).body[0].body  # type: ignore[attr-defined]  # it is a class
    except (OSError, TypeError):
        return {}
    return {
        field.target.id: " ".join(doc.value.value.split())
        for field, doc in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(doc, ast.Expr)
        and isinstance(doc.value, ast.Constant)
        and isinstance(doc.value.value, str)
    }
