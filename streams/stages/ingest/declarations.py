"""Declarations: each attribute that a person names becomes a line, in the spelling of the vocabulary."""

from liveprofile.profiles.traits.attributes import Attribute, shipped
from liveprofile.streams.contract.inputs import MAX_TEXT_CHARS, Declaration
from liveprofile.streams.contract.inputs.feedback import Said
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.categories import category_path
from liveprofile.streams.stages.ingest.event import Line


def declaration_lines(declaration: Declaration) -> tuple[Line, ...]:
    """A line an attribute, each once, in the order of the vocabulary: however a client orders them."""
    if not declaration.attributes:
        raise RefusedError(Reason.NO_ATTRIBUTES)
    said = {attribute_of(name).name: value for name, value in declaration.attributes.items()}
    return tuple([attribute_line(name, said[name]) for name in shipped().attributes if name in said])


def attribute_of(name: str) -> Attribute:
    """The attribute of a name. RefusedError, which lists all names, if there is none."""
    known = shipped().attributes
    attribute = known.get(name.strip().lower())
    if attribute is None:
        raise RefusedError(Reason.UNKNOWN_ATTRIBUTE, f"An attribute must be one of {', '.join(known)}.")
    return attribute


def attribute_line(name: str, said: Said | None) -> Line:
    """One attribute with its value, or without one where it is taken back. RefusedError on an unknown value."""
    attribute = shipped().attributes[name]
    if said is None or said == "":
        return Line(subject=name)
    if attribute.kind == "category":
        path = _category(attribute, said)
        return Line(category=path, subject=name, value=path)
    try:
        return Line(subject=name, value=attribute.value(said))
    except ValueError as error:
        raise RefusedError(Reason.UNKNOWN_VALUE, str(error)) from None


def _category(attribute: Attribute, said: Said) -> str:
    """The path's name goes along as the line's category, so that readers learn what its digest stands for."""
    path = category_path(said) if isinstance(said, str) and len(said) <= MAX_TEXT_CHARS else None
    if path is None:
        raise RefusedError(Reason.UNKNOWN_VALUE, f"{attribute.name} must be {attribute.allowed}.")
    return path
