"""The share of real texts that the scrubber changes, by placeholder, and texts a second."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liveprofile.streams.contract.scrub import find_personal_data
from liveprofile.streams.datasets.files import DataFile


def run(tell: Callable[[str], None], texts: Path | None = None) -> dict[str, Any]:
    """Every line of a file, of a line with a tab what follows it. ValueError without a file."""
    if texts is None:
        raise ValueError("scrub needs texts: give a file with a text a line by --texts")
    with DataFile(texts) as file:
        lines = [line.rstrip("\r\n").rpartition("\t")[2] for line in file.lines]
    tell(f"{len(lines):,} texts")
    began = time.perf_counter()
    found = [{one.placeholder.strip("[]") for one in find_personal_data(line)} for line in lines]
    seconds = time.perf_counter() - began
    kinds = Counter(kind for kinds in found for kind in kinds)
    return {
        "texts": len(lines),
        "changed": sum(map(bool, found)),
        "by placeholder": dict(sorted(kinds.items())),
        "texts/s": round(len(lines) / seconds),
    }
