"""A worker whose model stands still now and then: the command `liveprofile`, with the embedding's thread held up.

While the file `STALL_FILE` is there, the next batch of texts takes it away and waits `STALL_S` seconds. The product has
no such hooks.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from liveprofile.streams.cli.main import main
from liveprofile.streams.stages.ingest.embedding import EmbeddingService


def stall_when_told(file: Path, seconds: float) -> None:
    """Hold up the one thread that embeds whenever the file is there."""
    compute = EmbeddingService._compute

    def stalling(self: Any, batch: list[str]) -> Any:
        if file.exists():
            file.unlink()
            time.sleep(seconds)
        return compute(self, batch)

    EmbeddingService._compute = stalling  # type: ignore[method-assign]


if __name__ == "__main__":
    stall_when_told(Path(os.environ["STALL_FILE"]), float(os.environ["STALL_S"]))
    main()
