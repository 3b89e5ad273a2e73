"""What detectors find in a text: spans with their placeholders."""

from collections.abc import Iterable
from typing import NamedTuple

from liveprofile.streams.contract.personal_data.folding import TAKEN

EMAIL, PHONE, CARD, IBAN, NUMBER, URL, TOKEN, ADDRESS, HANDLE, STREET = (
    "[email]",
    "[phone]",
    "[card]",
    "[iban]",
    "[number]",
    "[url]",
    "[token]",
    "[ip]",
    "[handle]",
    "[address]",
)


class Finding(NamedTuple):
    """Characters `start` to `end` of a text that are personal data."""

    start: int
    end: int
    placeholder: str


def blanked(folded: str, findings: Iterable[Finding]) -> str:
    """The folded text with what was found taken out, so that no other detector sees it; of the same length."""
    parts, place = [], 0
    for start, end, _ in findings:
        parts += [folded[place:start], TAKEN * (end - start)]
        place = end
    return "".join([*parts, folded[place:]])


def replaced(text: str, findings: Iterable[Finding]) -> str:
    """The text with each finding replaced by its placeholder; findings do not overlap."""
    parts, place = [], 0
    for start, end, placeholder in sorted(findings):
        parts += [text[place:start], placeholder]
        place = end
    return "".join([*parts, text[place:]])
