"""Fills the text cache in advance, so that the titles of a known catalogue cost the stream nothing."""

from collections.abc import Callable, Sequence

from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.text import EMBEDDED_CHARS, clean

BATCH = 64


async def warm_texts(embedding: EmbeddingService, texts: Sequence[str], progress: Callable[[int], None]) -> int:
    """Embed the titles that are not in the cache yet; returns their number. `progress` gets the texts done."""
    keys = list(dict.fromkeys(key for text in texts if (key := clean(text).key[:EMBEDDED_CHARS])))
    await embedding.start()
    try:
        for start in range(0, len(keys), BATCH):
            await embedding.vectors(keys[start : start + BATCH])
            progress(len(keys[start : start + BATCH]))
    finally:
        await embedding.stop()
    return embedding.counters.embedded
