"""Texts are embedded once, in batches, on one thread, and a failing model stops everybody."""

import asyncio

import numpy as np
import pytest
from support.ingest_fakes import DIMS, DictCache, HalfNamedTopics, HashEmbedder

from liveprofile.streams.stages.ingest.embedding import EmbeddingError, EmbeddingService, quantised


async def service(embedder: HashEmbedder, cache: DictCache | None = None, **options: object) -> EmbeddingService:
    made = EmbeddingService(embedder, cache or DictCache(), HalfNamedTopics(), **options)
    await made.start()
    return made


async def test_vectors_come_in_the_order_of_the_texts():
    embedder = HashEmbedder()
    embedding = await service(embedder)
    answers = await embedding.vectors(["b", "a", "b", "c"])
    expected = quantised(HashEmbedder().embed(["b", "a", "b", "c"]))
    assert [vector for vector, _ in answers] == [row.tobytes() for row in expected]
    assert {name for _, name in await embedding.vectors([f"{n}" for n in range(50)])} == {"home/decor", None}
    await embedding.stop()


async def test_a_text_is_embedded_once_and_then_remembered():
    embedder = HashEmbedder()
    embedding = await service(embedder)
    await embedding.vectors(["a", "a", "b"])
    assert await embedding.vectors(["a", "b"]) == await embedding.vectors(["a", "b"])
    assert [text for call in embedder.calls for text in call] == ["a", "b"]
    counters = embedding.counters
    assert (counters.embedded, counters.from_memory, counters.asked, counters.texts) == (2, 4, 2, 7)
    await embedding.stop()


async def test_what_the_disk_knows_is_not_embedded_again():
    cache, first = DictCache(), HashEmbedder()
    embedding = await service(first, cache)
    before = await embedding.vectors(["a", "b"])
    await embedding.stop()
    assert cache.closed
    second = HashEmbedder()
    embedding = await service(second, cache)
    assert await embedding.vectors(["a", "b"]) == before
    assert second.calls == [] and embedding.counters.from_disk == 2
    await embedding.stop()


async def test_a_value_on_disk_that_is_too_short_is_embedded_again():
    embedding = await service(HashEmbedder(), DictCache({"a": b"cut"}))
    assert len((await embedding.vectors(["a"]))[0][0]) == 2 * DIMS
    await embedding.stop()


async def test_texts_that_others_wait_for_are_not_asked_for_twice():
    embedder = HashEmbedder()
    embedding = await service(embedder)
    embedder.gate.clear()
    waiting = [asyncio.create_task(embedding.vectors(["a", "b"])) for _ in range(5)]
    await asyncio.sleep(0.02)
    embedder.gate.set()
    answers = await asyncio.gather(*waiting)
    assert all(answer == answers[0] for answer in answers)
    assert sorted(text for call in embedder.calls for text in call) == ["a", "b"]
    await embedding.stop()


async def test_texts_of_several_partitions_share_a_batch_of_bounded_size():
    embedder = HashEmbedder()
    embedding = await service(embedder, max_batch=8)
    await asyncio.gather(*[embedding.vectors([f"{partition}/{n}" for n in range(5)]) for partition in range(4)])
    assert [len(call) for call in embedder.calls] == [8, 8, 4]
    assert len(embedder.threads) == 1
    await embedding.stop()


async def test_without_settings_a_batch_has_32_texts_and_waits_for_others_too_short_to_be_noticed():
    """The defaults `max_batch` and `wait_s`; the wait is in the delay of every event whose text is new."""
    embedder = HashEmbedder()
    embedding = await service(embedder)
    await embedding.vectors([str(n) for n in range(65)])
    assert [len(call) for call in embedder.calls] == [32, 32, 1]
    assert 0 < embedding._wait_s <= 0.01
    await embedding.stop()


async def test_a_full_queue_makes_the_askers_wait():
    embedder = HashEmbedder()
    embedding = await service(embedder, max_batch=2, queue_texts=4)
    embedder.gate.clear()
    asker = asyncio.create_task(embedding.vectors([str(n) for n in range(50)]))
    await asyncio.sleep(0.02)
    assert embedding._queue.qsize() <= 4
    embedder.gate.set()
    assert len(await asker) == 50
    await embedding.stop()


async def test_somebody_who_gives_up_does_not_spoil_it_for_the_others():
    embedder = HashEmbedder()
    embedding = await service(embedder)
    embedder.gate.clear()
    impatient, patient = (asyncio.create_task(embedding.vectors(["a"])) for _ in range(2))
    await asyncio.sleep(0.01)
    impatient.cancel()
    embedder.gate.set()
    assert len(await patient) == 1
    assert impatient.cancelled()
    await embedding.stop()


async def test_the_error_of_the_model_reaches_everybody_who_waits_and_who_comes():
    embedding = await service(HashEmbedder(OSError("the model is gone")), max_batch=2, queue_texts=2)
    askers = [asyncio.create_task(embedding.vectors([f"{asker}/{n}" for n in range(9)])) for asker in range(3)]
    outcomes = await asyncio.gather(*askers, return_exceptions=True)
    assert all(isinstance(result, EmbeddingError) and isinstance(result.__cause__, OSError) for result in outcomes)
    with pytest.raises(EmbeddingError, match="gone"):
        await embedding.vectors(["later"])
    await embedding.stop()


async def test_a_stop_with_texts_waiting_raises_for_them():
    embedder = HashEmbedder()
    embedding = await service(embedder)
    embedder.gate.clear()
    asker = asyncio.create_task(embedding.vectors(["a"]))
    await asyncio.sleep(0.01)
    embedder.gate.set()
    await embedding.stop()
    with pytest.raises(EmbeddingError, match="stopped"):
        await asker


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0], [0.5, 0.5]])
def test_a_vector_that_is_no_unit_vector_is_an_error_and_never_passed_on(row):
    with pytest.raises(ValueError, match="must be 1"):
        quantised(np.array([[0.6, 0.8], row], np.float32))
