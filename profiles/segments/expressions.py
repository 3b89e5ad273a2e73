"""Rule expressions: parsed and type-checked by `rule_engine`, then lowered to atoms and a program.

An atom compares one feature with one constant. A program combines atoms in postfix order, for compiled code; no text is
ever evaluated. An expression that cannot be lowered is refused with a message.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, NoReturn

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.segments.features import ANOMALY, BY_NAME, DECLARED, FEATURES, KEYED, KINDS, PLACE, Keyed
from liveprofile.profiles.segments.grammar import DataType, ast, errors, rule_engine
from liveprofile.profiles.segments.lowered import (
    AND,
    AT_LEAST,
    AT_MOST,
    EQUAL,
    LESS,
    MORE,
    NOT,
    NOT_EQUAL,
    OR,
    SIGNS,
    STATE,
    Atom,
    Lookup,
    Lowered,
)
from liveprofile.profiles.traits.trait import STATIC

DEEPEST = 60
"""Maximum depth of a program's stack, which is one 64-bit number."""
LONGEST = 2_000
"""Maximum characters of an expression."""

_OPERATORS = {"lt": LESS, "le": AT_MOST, "gt": MORE, "ge": AT_LEAST, "eq": EQUAL, "ne": NOT_EQUAL}
_TURNED = (MORE, AT_LEAST, LESS, AT_MOST, EQUAL, NOT_EQUAL)
_KEYED = {one.name: one for one in KEYED}


class RuleError(LiveprofileError, ValueError):
    """A rule that cannot be used; the message states the reason, and what to write instead."""

    next_step = "Correct the rule in its file, and check it: liveprofile segments check FILE."


@cache
def context() -> rule_engine.Context:
    """Names and types as `rule_engine` checks them; values are objects with attributes."""
    tree: dict[str, Any] = {}
    types = [(one.name, DataType.STRING if one.values or one.name == STATE else DataType.FLOAT) for one in FEATURES]
    types += [(one.name, DataType.MAPPING(DataType.STRING, _TYPES.get(one.what, DataType.FLOAT))) for one in KEYED]
    for name, kind in types:
        head, dot, rest = name.partition(".")
        if dot:
            tree.setdefault(head, {})[rest] = kind
        else:
            tree[name] = kind
    symbols = {name: DataType.OBJECT(name, kind) if isinstance(kind, dict) else kind for name, kind in tree.items()}
    return rule_engine.Context(
        resolver=rule_engine.resolve_attribute, type_resolver=rule_engine.type_resolver_from_dict(symbols)
    )


_TYPES = {DECLARED: DataType.STRING, ANOMALY: DataType.BOOLEAN}


def parse(text: str) -> Any:
    """The root of an expression's tree. RuleError with the place, or with the probable correction."""
    if len(text) > LONGEST:
        raise RuleError(f"the expression has {len(text)} characters: at most {LONGEST}")
    try:
        return rule_engine.Rule(text, context=context()).statement.expression
    except errors.SymbolResolutionError as error:
        raise RuleError(_unknown(error.symbol_name)) from None
    except errors.AttributeResolutionError as error:
        owner = getattr(error.object, "name", "")
        raise RuleError(_unknown(f"{owner}.{error.attribute_name}" if owner else error.attribute_name)) from None
    except errors.EngineError as error:
        raise RuleError(f"{error.message} in: {text}") from None
    except RecursionError:
        raise RuleError("the expression is nested too deeply") from None


def _unknown(name: str) -> str:
    near = get_close_matches(name, [*BY_NAME, *_KEYED], n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "docs/reference.md lists the features"
    return f"there is no feature {name}: {hint}"


def lower(text: str, shared: Lowered) -> list[int]:
    """The program of one expression, with atoms and lookups shared with other expressions. RuleError if it is wrong."""
    return _Lowering(shared, text).program()


class _Lowering:
    """The lowering of one expression to a program."""

    def __init__(self, shared: Lowered, text: str) -> None:
        self._shared, self._text = shared, text
        self._code: list[int] = []

    def program(self) -> list[int]:
        try:
            self._truth(parse(self._text))
        except RecursionError:
            raise RuleError("the expression is nested too deeply") from None
        if deepest(self._code) > DEEPEST:
            raise RuleError(f"the expression is nested too deeply: more than {DEEPEST} comparisons wait at once")
        return self._code

    def _truth(self, node: Any) -> None:
        """Lower a node that is true or false."""
        lower = _LOWER.get(type(node))
        if lower is None:
            self._refuse(node, "write comparisons of features with constants, joined by and, or, not")
        lower(self, node)

    def _logic(self, node: Any) -> None:
        self._truth(node.left)
        self._truth(node.right)
        self._code.append(AND if node.type == "and" else OR)

    def _unary(self, node: Any) -> None:
        if node.type != "not":
            self._refuse(node, "arithmetic is not part of rules")
        self._truth(node.right)
        self._code.append(NOT)

    def _comparison(self, node: Any) -> None:
        operator, left, right = _OPERATORS[node.type], node.left, node.right
        if isinstance(left, ast.LiteralExpressionBase):
            operator, left, right = _TURNED[operator], right, left
        if not isinstance(right, ast.LiteralExpressionBase):
            self._refuse(node, "compare a feature with a constant")
        place = self._feature(left)
        if left.result_type == DataType.STRING and operator not in (EQUAL, NOT_EQUAL):
            raise RuleError(f"{self._shared.feature_name(place)} is a name: compare it by == or !=, or by in [...]")
        self._atom(place, operator, self._constant(left, place, right), operator)

    def _contains(self, node: Any) -> None:
        if not isinstance(node.container, ast.ArrayExpression | ast.SetExpression):
            self._refuse(node, 'write `feature in ["one", "other"]`')
        place = self._feature(node.member)
        members = list(node.container.value)
        if not members:
            self._refuse(node, "the list is empty")
        for at, member in enumerate(members):
            self._atom(place, EQUAL, self._constant(node.member, place, member), EQUAL)
            if at:
                self._code.append(OR)

    def _flag(self, node: Any) -> None:
        """A feature that is itself true or false."""
        if node.result_type != DataType.BOOLEAN:
            self._refuse(node, "compare it with a constant")
        self._atom(self._feature(node), NOT_EQUAL, 0.0, NOT_EQUAL)

    def _atom(self, place: int, operator: int, constant: float, asked: int) -> None:
        if place < len(FEATURES) and KINDS[place] != STATIC and asked in (EQUAL, NOT_EQUAL):
            name = FEATURES[place].name
            raise RuleError(f"{name} changes with time: compare it by <, <=, > or >=, not by {SIGNS[asked]}")
        atom = Atom(place, operator, constant)
        if atom not in self._shared.atoms:
            self._shared.atoms.append(atom)
        self._code.append(self._shared.atoms.index(atom))

    def _feature(self, node: Any) -> int:
        """The place of a feature, or of a lookup, which comes after all features."""
        if isinstance(node, ast.GetItemExpression):
            return self._keyed(_dotted(node.container), node)
        name = _dotted(node)
        if name not in PLACE:
            self._refuse(node, "compare a feature with a constant")
        return PLACE[name]

    def _keyed(self, name: str, node: Any) -> int:
        keyed, item = _KEYED.get(name), node.item
        if keyed is None or not isinstance(item, ast.StringExpression):
            self._refuse(node, 'a key is a text in quotes, such as interest.long["home/garden"]')
        lookup = Lookup(keyed.what, keyed.scale, _key(keyed, str(item.value)))
        if lookup not in self._shared.lookups:
            self._shared.lookups.append(lookup)
            self._shared.lookup_names.append(f'{name}["{item.value}"]')
        return len(FEATURES) + self._shared.lookups.index(lookup)

    def _constant(self, feature: Any, place: int, literal: Any) -> float:
        """The number that encodes a constant."""
        value = literal.value
        if isinstance(value, Decimal) and feature.result_type == DataType.FLOAT:
            number = float(value)
            if not abs(number) < 1e15:
                raise RuleError(f"{value} is too large a number: below 1e15")
            return number
        if isinstance(value, str) and feature.result_type == DataType.STRING:
            return self._named(place, value)
        self._refuse(literal, f"{self._shared.feature_name(place)} is compared with a constant of another type")

    def _named(self, place: int, value: str) -> float:
        """The number of an enumeration's value, or the digest of a declared value."""
        if place >= len(FEATURES):
            digest = digest32(value.lower()) if value else 0
            self._shared.declared_names[digest] = value
            return float(digest)
        values = self._shared.values_of(place)
        if value not in values:
            near = get_close_matches(value, values, n=1)
            hint = f", did you mean {near[0]!r}?" if near else "."
            known = ", ".join(repr(one) for one in values if one)
            raise RuleError(f"{FEATURES[place].name} is never {value!r}{hint} It is one of {known}")
        return float(values.index(value))

    def _refuse(self, node: Any, instead: str) -> NoReturn:
        raise RuleError(f"{_kind_words(node)} cannot be used here: {instead} (in: {self._text})")


_LOWER: dict[type, Callable[[Any, Any], None]] = {
    ast.LogicExpression: _Lowering._logic,
    ast.UnaryExpression: _Lowering._unary,
    ast.ComparisonExpression: _Lowering._comparison,
    ast.ArithmeticComparisonExpression: _Lowering._comparison,
    ast.ContainsExpression: _Lowering._contains,
    ast.SymbolExpression: _Lowering._flag,
    ast.GetAttributeExpression: _Lowering._flag,
    ast.GetItemExpression: _Lowering._flag,
}


def _dotted(node: Any) -> str:
    """The dotted name of a symbol or a chain of attributes; empty for anything else."""
    if isinstance(node, ast.GetAttributeExpression):
        return f"{_dotted(node.object)}.{node.name}"
    return str(node.name) if isinstance(node, ast.SymbolExpression) and node.scope is None else ""


def _key(keyed: Keyed, text: str) -> int:
    if not keyed.keys:
        return digest32(text.lower() if keyed.what == DECLARED else text)
    if text not in keyed.keys:
        raise RuleError(f"{keyed.name} has no key {text!r}: it is one of {', '.join(keyed.keys)}")
    return keyed.keys.index(text)


def _kind_words(node: Any) -> str:
    """The kind of a node as text: `TernaryExpression` is a ternary."""
    return f"this {type(node).__name__.removesuffix('Expression').lower() or 'expression'}"


def deepest(code: Sequence[int]) -> int:
    """The maximum depth of the stack.

    >>> deepest([0, 1, AND, NOT])
    2
    """
    waiting = most = 0
    for one in code:
        waiting += 1 if one >= 0 else 0 if one == NOT else -1
        most = max(most, waiting)
    return most
