"""Reads the settings once: the file, then the environment, then the command line; later ones override earlier ones."""

import difflib
import math
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_origin

import msgspec

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.settings.fields import Field, build, plain, walk
from liveprofile.streams.settings.limits import POLICY, RISING, faults, shape_of
from liveprofile.streams.transport.security.checks import require_consistent

FILE = "liveprofile.toml"
PREFIX = "LIVEPROFILE_"
CONFIG_VARIABLE = "LIVEPROFILE_CONFIG"
"""The path of the settings file; the only variable that is not a setting."""
_ADDRESS = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\]):[0-9]{1,5}")


@dataclass(frozen=True)
class Loaded:
    """The settings and where each of their values came from."""

    settings: Settings
    origins: Mapping[str, str]
    """By dotted name: "default", a file's name, a variable's name or an option's name."""


def load(config: Path | None, environ: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Loaded:
    """Fill the settings. UserError for an unknown name or an invalid value, with the limit and the origin."""
    fields = {field.name: field for field in walk(Settings)}
    path = _file(config, environ)
    values: dict[str, Any] = {}
    origins = dict.fromkeys(fields, "default")
    given = [
        *_from_file(path, fields),
        *_from_environment(environ, fields),
        *((name, value, f"--{name.replace('_', '-').replace('.', '-')}") for name, value in (overrides or {}).items()),
    ]
    for name, value, origin in given:
        values[name] = _convert(fields[name], value, origin, as_text=origin != str(path))
        origins[name] = origin
    return Loaded(_checked(values), origins)


def _file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file: the given one, which must exist, else the one in this folder, else none."""
    asked = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if asked is None:
        return Path(FILE) if Path(FILE).is_file() else None
    if not asked.is_file():
        raise UserError(f"The settings file {asked} does not exist.", "Give the path of an existing file to --config.")
    return asked


def _from_file(path: Path | None, fields: Mapping[str, Field]) -> Iterator[tuple[str, Any, str]]:
    """Name, value and origin of each setting in the file."""
    if path is None:
        return
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"The settings file {path} cannot be read: {error}.", "Correct it and start again.") from None
    for name, value in _flat(document, fields):
        if name not in fields:
            raise UserError(f"{path} has an unknown setting: {name}.", _suggest(name, [*fields, *_tables(fields)]))
        yield name, value, str(path)


def _tables(fields: Mapping[str, Field]) -> set[str]:
    """The names of all tables, also of numbers by name."""
    return {name[:at] for name in fields for at, character in enumerate(name) if character == "."}


def _flat(table: Mapping[str, Any], fields: Mapping[str, Field], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested tables by dotted name; a table that is a setting's value is not flattened."""
    for key, value in table.items():
        name = prefix + key
        is_table = name not in fields and any(known.startswith(f"{name}.") for known in fields)
        if is_table and isinstance(value, dict):
            yield from _flat(value, fields, f"{name}.")
        elif is_table:
            raise UserError(f"{name} is a table of settings, not a value.", f"Write its settings under [{name}].")
        else:
            yield name, value


def _from_environment(environ: Mapping[str, str], fields: Mapping[str, Field]) -> Iterator[tuple[str, Any, str]]:
    """Name, value and origin of each setting in the environment."""
    known = {field.variable: field for field in fields.values()}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE or not environ[variable]:
            continue  # empty means not given: compose files pass unset variables as empty
        if variable not in known and not _is_like_one(variable, known):
            continue  # `unknown_variables` has it: something else's variable stops nobody
        if variable not in known:
            raise UserError(f"The environment has an unknown setting: {variable}.", _suggest(variable, list(known)))
        yield known[variable].name, environ[variable], variable


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that are like no setting: they are not ours, and nothing is made of them."""
    known = {field.variable for field in walk(Settings)}
    ours = [name for name in environ if name.startswith(PREFIX) and name != CONFIG_VARIABLE and environ[name]]
    return sorted(name for name in ours if name not in known and not _is_like_one(name, known))


def _is_like_one(variable: str, known: Collection[str]) -> bool:
    """Whether a variable looks like a setting that was mistyped; the prefix that all have does not count."""
    names = [one.removeprefix(PREFIX) for one in known]
    return bool(difflib.get_close_matches(variable.removeprefix(PREFIX), names, 1, 0.65))


def _near(name: str, known: list[str]) -> list[str]:
    """The known name that is nearest, if one is near; else those that end alike."""
    last = name.rpartition(".")[2]
    near = difflib.get_close_matches(name, known, 1, 0.65)
    return near or [other for other in known if other.rpartition(".")[2] == last]


def _suggest(name: str, known: list[str]) -> str:
    """A hint with the nearest known name, or how to list all of them."""
    near = _near(name, known)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"{hint}`liveprofile settings` lists all of them."


def _convert(field: Field, value: Any, origin: str, as_text: bool) -> Any:
    """Convert a value to its setting's type. Outside the file all values are text, also numbers, booleans and lists."""
    try:
        shaped = _parsed(field, value) if as_text else value
        return _finite(msgspec.convert(shaped, field.type, strict=not as_text, dec_hook=_secret))
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        shown = "***" if field.is_secret else repr(value)
        wanted = field.limits or str(error).replace("`", "")
        raise UserError(
            f"{field.name} = {shown} in {origin} is not valid: {wanted[:1].lower()}{wanted[1:]}.",
            f"Set {field.name} to another value; the default is {field.default!r}. It means: "
            f"{field.meaning[:1].lower()}{field.meaning[1:]}{f' ({field.unit})' if field.unit else ''}.",
        ) from None


def _finite(value: Any) -> Any:
    """The value; ValidationError for infinite numbers and NaN, which limits would not catch."""
    parts = value if isinstance(value, tuple | list) else [value]
    if any(isinstance(part, float) and not math.isfinite(part) for part in parts):
        raise msgspec.ValidationError("expected a finite number")
    return value


def _parsed(field: Field, text: str) -> Any:
    """Text converted to the structure of its type: a comma separates the members of a list, a table is JSON."""
    kind = plain(field.type)
    origin = get_origin(kind) or kind
    if origin in (tuple, list, frozenset, set):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return msgspec.json.decode(text)
    return text


def _secret(kind: type, value: Any) -> Any:
    """msgspec's hook for the one type it does not know."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise msgspec.ValidationError(f"expected text, got {type(value).__name__}")


def _checked(values: dict[str, Any]) -> Settings:
    """The settings after checks across several values."""
    try:
        settings: Settings = build(Settings, values)
    except ValueError as error:
        raise UserError(f"The settings do not fit together: {error}.", "`liveprofile settings` shows them.") from None
    if settings.bootstrap and not all(_ADDRESS.fullmatch(one.strip()) for one in settings.bootstrap.split(",")):
        raise UserError(
            f"bootstrap = {settings.bootstrap!r} is not HOST:PORT, or several of them with commas.",
            "Write the addresses of the brokers, such as kafka-1:9092,kafka-2:9092.",
        )
    require_consistent(settings.kafka)
    _require_rising(settings)
    worker, key = settings.worker, settings.pseudonym_key
    if worker.heartbeat_s * 3 > worker.session_timeout_s:
        raise UserError(
            f"worker.heartbeat_s = {worker.heartbeat_s:g} is more than a third of "
            f"worker.session_timeout_s = {worker.session_timeout_s:g}.",
            "Lower the first or raise the second: a worker counts as dead after three missed heartbeats.",
        )
    if key is not None and len(key.reveal()) < 16:
        raise UserError("pseudonym_key has fewer than 16 characters.", "Make one: openssl rand -hex 32.")
    return settings


def _require_rising(settings: Settings) -> None:
    """UserError for bounds that do not rise, or of which there are too few or too many."""
    standard = Settings()
    lists = [field.name.removeprefix(POLICY) for field in walk(Settings) if shape_of("", field.default)]
    for name in (*RISING, *lists):
        value, default = (_at(one.profile.policy, name) for one in (settings, standard))
        for fault in faults(name, value, default):
            raise UserError(f"{POLICY}{name} {fault}.", f"Give rising numbers; the default is {_words(default)}.")


def _at(policy: Any, name: str) -> Any:
    for part in name.split("."):
        policy = getattr(policy, part)
    return policy


def _words(numbers: Any) -> str:
    pairs = numbers.items() if isinstance(numbers, Mapping) else (("", one) for one in numbers)
    return ", ".join(f"{key} {one:g}".strip() for key, one in pairs)
