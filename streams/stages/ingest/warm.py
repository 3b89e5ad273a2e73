"""Fills the text cache ahead of time, so that a catalogue that is known costs the stream nothing."""

from collections.abc import Callable, Sequence

from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, clean

BATCH = 64


async def warm_texts(embedding: EmbeddingService, texts: Sequence[str], progress: Callable[[int], None]) -> int:
    """Embed the titles that are not in the cache yet; returns how many those were. `progress` gets texts done."""
    keys = list(dict.fromkeys(key for text in texts if (key := clean(text).key[:EMBEDDED_CHARS])))
    await embedding.start()
    try:
        for start in range(0, len(keys), BATCH):
            await embedding.vectors(keys[start : start + BATCH])
            progress(len(keys[start : start + BATCH]))
    finally:
        await embedding.stop()
    return embedding.counters.embedded
