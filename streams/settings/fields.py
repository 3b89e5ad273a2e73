"""The settings as a flat list, read from the structs: `settings/load.py` fills them, `settings/page.py` prints them.

A section may be a frozen struct or a frozen dataclass. The documentation of a field is a `msgspec.Meta`, or, in a
dataclass, `metadata={"doc": ..., "unit": ..., "ge": ...}` or the string under the field. Numbers by name (a mapping as
the default) are one setting per name, so that giving one leaves the others as they are.
"""

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from liveprofile.profiles.records.sections import DATA
from liveprofile.streams.settings.docstrings import field_texts
from liveprofile.streams.settings.limits import limits_of, shape_of

_LIMITS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_UNITS = {"_ms": "ms", "_s": "s", "_bytes": "bytes"}


@dataclasses.dataclass(frozen=True)
class Field:
    """One setting."""

    name: str
    """Dotted: "ingest.batch_max"."""
    type: Any
    """Its type with limits, for `msgspec.convert`."""
    default: Any
    meaning: str
    unit: str
    limits: str
    """Its limits or choices in words; empty if there are none."""
    section: str = ""
    """The table it stands in; empty at the top."""

    @property
    def variable(self) -> str:
        """Its environment variable.

        >>> Field("ingest.batch_max", int, 32, "", "", "").variable
        'LIVEPROFILE_INGEST__BATCH_MAX'
        """
        return "LIVEPROFILE_" + self.name.upper().replace(".", "__").replace("-", "_")

    @property
    def key(self) -> str:
        """Its name within its section."""
        return self.name.removeprefix(f"{self.section}.")

    @property
    def is_secret(self) -> bool:
        """Whether its value must not be shown."""
        return "Secret" in str(self.type)


def is_section(kind: Any) -> bool:
    """Whether a type is a table of settings."""
    return isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or dataclasses.is_dataclass(kind))


def walk(section: type[Any], prefix: str = "", defaults: Any = None) -> Iterator[Field]:
    """Every setting of a section class, then those of the sections within it, in the order of the code.

    `defaults` is the section with its defaults, where it has others than a new one of its class.
    """
    defaults = section() if defaults is None else defaults
    extras = {f.name: f.metadata for f in dataclasses.fields(section)} if dataclasses.is_dataclass(section) else {}
    within: list[tuple[Any, str, Any]] = []
    for name, hint in get_type_hints(section, include_extras=True).items():
        if name not in extras and name not in getattr(section, "__struct_fields__", ()):
            continue
        kind, default = plain(hint), getattr(defaults, name)
        if is_section(kind):
            within.append((kind, f"{prefix}{name}.", default))
            continue
        extra: Mapping[str, Any] = extras.get(name, {})
        if extra.get("home") or extra.get(DATA):
            continue
        meta = _meta(hint, extra, section, name)
        if isinstance(default, Mapping):
            number, notes = Annotated[get_args(kind)[1], meta], extra.get("notes", {})
            for key, value in default.items():
                one = _field(f"{prefix}{name}.{key}", number, value, meta, prefix)
                yield dataclasses.replace(one, meaning=f"{one.meaning}: {notes[key]}") if key in notes else one
        else:
            yield _field(
                prefix + name, hint if get_origin(hint) is Annotated else Annotated[hint, meta], default, meta, prefix
            )
    for kind, inner, default in within:
        yield from walk(kind, inner, default)


def _field(name: str, kind: Any, default: Any, meta: Meta, prefix: str) -> Field:
    if limits := limits_of(name, default):
        meta = Meta(description=meta.description, extra=meta.extra, **limits)
        kind = Annotated[plain(kind), meta]
    meaning = re.sub(r"[,;] seconds(?=[:.]|$)", "", (meta.description or "").rstrip("."))  # the unit stands beside it
    unit = (meta.extra or {}).get("unit", "")
    shape = (meta.extra or {}).get("shape") or shape_of(name, default)
    words = ", ".join(part for part in (_limits(plain(kind), meta), shape) if part)
    return Field(name, kind, default, meaning, unit, words, prefix.rstrip("."))


def sections(section: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted name and introduction (first paragraph of the docstring) of a section class and of all subsections."""
    yield prefix, (inspect.getdoc(section) or "").partition("\n\n")[0]
    for name, hint in get_type_hints(section, include_extras=True).items():
        if is_section(kind := plain(hint)):
            yield from sections(kind, f"{prefix}.{name}".lstrip("."))


def build(section: Any, values: dict[str, Any], prefix: str = "", defaults: Any = None) -> Any:
    """A section filled with converted values by dotted name; what is missing keeps its default."""
    defaults = section() if defaults is None else defaults
    given: dict[str, Any] = {}
    for name, hint in get_type_hints(section, include_extras=True).items():
        kind, default = plain(hint), getattr(defaults, name, None)
        if is_section(kind):
            given[name] = build(kind, values, f"{prefix}{name}.", default)
        elif isinstance(default, Mapping):
            given[name] = {key: values.get(f"{prefix}{name}.{key}", value) for key, value in default.items()}
        elif prefix + name in values:
            given[name] = values[prefix + name]
    replace = dataclasses.replace if dataclasses.is_dataclass(section) else msgspec.structs.replace
    return replace(defaults, **given)


def plain(hint: Any) -> Any:
    """A type without its annotations."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _meta(hint: Any, extras: Mapping[str, Any], section: Any, name: str) -> Meta:
    """The annotation of a field, or one made of a dataclass field's metadata, or of the text under it."""
    if get_origin(hint) is Annotated and (found := [m for m in get_args(hint)[1:] if isinstance(m, Meta)]):
        return found[0]
    unit = extras.get("unit") or next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    limits = {key: extras[key] for key in _LIMITS if key in extras}
    return Meta(description=extras.get("doc") or field_texts(section).get(name), extra={"unit": unit}, **limits)


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
    if meta.min_length and not choices:
        words.append("not empty")
    if meta.pattern:
        words.append(f"matches `{meta.pattern}`")
    return ", ".join(words)
