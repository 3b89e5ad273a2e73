"""How derived files are written: JSON with an indent, so that a change of the code is a small change of the file."""

import json
from typing import Any


def as_json(document: Any) -> str:
    """The document as text; keys keep their order."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
