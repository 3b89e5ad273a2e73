"""Snapshots of simulated shoppers, as many as are asked for, on the topic `profiles`."""

from random import Random

from aiokafka import AIOKafkaProducer

from benchmarks.fold import activities
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics

ACTIVITIES, USERS, BATCH = 40_000, 1_500, 500
AT_ONCE = 5_000


async def written(bootstrap: str, topics: Topics, count: int) -> tuple[list[str], int]:
    """Write them; the ids, and the mean size in bytes. The same shoppers come again under other ids."""
    templates = snapshots()
    draw, ids, size = Random(2), [], 0
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=50, max_batch_size=1 << 20)
    await producer.start()
    try:
        for at in range(count):
            name, value = templates[at % len(templates)]
            one = f"{draw.getrandbits(128):032x}"
            value = value.replace(name, one.encode(), 1)
            await producer.send(topics.profiles, value, key=one.encode())
            ids.append(one)
            size += len(value)
            if at % AT_ONCE == 0:
                await producer.flush()
        await producer.flush()
    finally:
        await producer.stop()
    return ids, round(size / count)


def snapshots() -> list[tuple[bytes, bytes]]:
    """Id and snapshot of simulated shoppers who have done something."""
    keys, values = activities(ACTIVITIES, USERS)
    compile_fold(Policy())
    fold = Fold(Policy())
    for low in range(0, len(keys), BATCH):
        part = values[low : low + BATCH]
        fold.apply(keys[low : low + BATCH], part, range(low, low + len(part)))
    known = sorted(fold.table.keys)
    found = zip(known, fold.encoded_snapshots(known), strict=True)
    return [(key, one.value) for key, one in found if one is not None]
