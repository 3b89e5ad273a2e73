"""The Python blocks of a page of the documentation."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(<!-- needs kafka -->\n)?```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block, and whether it needs a Kafka."""

    code: str
    needs_kafka: bool


def python_blocks(page: Path) -> list[Block]:
    """All blocks in their order."""
    return [Block(code, bool(mark)) for mark, code in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def program_of(blocks: list[Block]) -> str:
    """Blocks as one program."""
    return "\n\n".join(block.code for block in blocks)
