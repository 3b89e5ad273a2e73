"""Declarations: each declared attribute becomes a line, in the spelling of the vocabulary."""

from liveprofile.profiles.traits.attributes import Attribute, shipped
from liveprofile.streams.contract.inputs import MAX_TEXT_CHARS, Declaration
from liveprofile.streams.contract.inputs.feedback import AttributeValue
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.categories import category_path
from liveprofile.streams.stages.ingest.event import Line


def declaration_lines(declaration: Declaration) -> tuple[Line, ...]:
    """One line per attribute, in the order of the vocabulary, whatever the client's order."""
    if not declaration.attributes:
        raise RefusedError(Reason.NO_ATTRIBUTES)
    values = {attribute_of(name).name: value for name, value in declaration.attributes.items()}
    return tuple([attribute_line(name, values[name]) for name in shipped().attributes if name in values])


def attribute_of(name: str) -> Attribute:
    """The attribute with this name. RefusedError, with all names, if there is none."""
    known = shipped().attributes
    attribute = known.get(name.strip().lower())
    if attribute is None:
        raise RefusedError(Reason.UNKNOWN_ATTRIBUTE, f"An attribute must be one of {', '.join(known)}.")
    return attribute


def attribute_line(name: str, value: AttributeValue | None) -> Line:
    """One attribute with its value, or without one if it is withdrawn. RefusedError for an unknown value."""
    attribute = shipped().attributes[name]
    if value is None or value == "":
        return Line(subject=name)
    if attribute.kind == "category":
        path = _category(attribute, value)
        return Line(category=path, subject=name, value=path)
    try:
        return Line(subject=name, value=attribute.value(value))
    except ValueError as error:
        raise RefusedError(Reason.UNKNOWN_VALUE, str(error)) from None


def _category(attribute: Attribute, value: AttributeValue) -> str:
    """The category path of a value. It is also the line's category, so that the fold learns the name of its digest."""
    path = category_path(value) if isinstance(value, str) and len(value) <= MAX_TEXT_CHARS else None
    if path is None:
        raise RefusedError(Reason.UNKNOWN_VALUE, f"{attribute.name} must be {attribute.allowed}.")
    return path
