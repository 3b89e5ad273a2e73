"""The texts of a catalogue are embedded in advance, each once, in batches."""

from support.ingest_fakes import DictCache, HalfNamedTopics, HashEmbedder

from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.warm import BATCH, warm_texts


async def warmed(cache: DictCache, texts: list[str]) -> tuple[int, list[int]]:
    """What `warm_texts` returns, and what it told of its progress."""
    done: list[int] = []
    embedding = EmbeddingService(HashEmbedder(), cache, HalfNamedTopics())
    return await warm_texts(embedding, texts, done.append), done


async def test_every_text_of_a_catalogue_is_in_the_cache_afterwards_and_is_counted_once() -> None:
    cache, texts = DictCache(), [f"vase {number}" for number in range(2 * BATCH + 3)]
    assert await warmed(cache, [*texts, *texts, " "]) == (len(texts), [BATCH, BATCH, 3])
    assert cache.items.keys() == set(texts) and cache.closed
    assert (await warmed(cache, [*texts, "lamp"]))[0] == 1, "what the cache has is not embedded again"
