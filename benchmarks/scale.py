"""The same backlog by 1, 2 and 4 processes of one command: events/s, and events per second of processor time.

Each count gets fresh topics on a fresh broker with the same simulated events and a warm text cache. The time counts
from the moment when all processes are ready to the last commit; so does the processor time of the worker processes: all
their threads, but neither the supervisor, nor the broker, nor this process. Where the broker shares the cores with the
workers, events/s says how much of the machine was left to them; events per processor-second says what dividing the work
costs.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.latency import running
from benchmarks.load import Progress
from benchmarks.shop import Shop, open_shop
from benchmarks.warm import warm

EVENTS = 200_000
PROCESSES = (1, 2, 4)
LOOK_S = 0.1
PATIENCE_S = 1_800.0


def run(progress: Progress, events: int = EVENTS, processes: Sequence[int] = PROCESSES) -> dict[str, Any]:
    """Figures by number of processes, and what they were taken with."""
    figures: dict[str, Any] = {}
    for count in processes:
        with open_shop() as shop:
            progress(f"{count} of them: writing {events:,} simulated events, warming the text cache")
            asyncio.run(shop.send(events))
            asyncio.run(warm(shop))
            load = os.getloadavg()[0]
            with running(shop, "worker", "--processes", str(count)) as supervisor:
                found = asyncio.run(_through(shop, supervisor.pid, count))
        figures[str(count)] = found | {"load_before": round(load, 1)}
        progress(
            f"{count}: {found['events_per_s']:,} events/s, {found['events_per_cpu_s']:,} per processor-second, "
            f"{found['worker_cores']} cores in use by workers"
        )
    return figures | {"events": events, "cores": len(os.sched_getaffinity(0))}


async def _through(shop: Shop, supervisor: int, count: int) -> dict[str, Any]:
    """Follow the commits from the first to the last. SystemExit if a process ends meanwhile or it takes too long."""
    processes = psutil.Process(supervisor).children(recursive=True)
    if len(processes) != count:
        raise SystemExit(f"there are {len(processes)} worker processes instead of {count}: see worker.log.")
    topics, partitions = (*shop.topics.inputs, shop.topics.activity), range(shop.topics.partitions)
    places = [TopicPartition(topic, number) for topic in topics for number in partitions]
    consumer = AIOKafkaConsumer(bootstrap_servers=shop.bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await consumer.start()
    await admin.start()
    try:
        inputs = [place for place in places if place.topic != shop.topics.activity]
        began, already, used = time.monotonic(), await _committed(shop, admin, inputs), _processor_s(processes)
        end_s, total = began, sum((await consumer.end_offsets(inputs)).values())
        while await _waiting(shop, consumer, admin, places):
            await asyncio.sleep(LOOK_S)
            end_s = time.monotonic()
            if end_s - began > PATIENCE_S:
                raise SystemExit(f"the backlog was not done in {PATIENCE_S:.0f} s: see worker.log.")
        spent = _processor_s(processes) - used
        memory_mib = max(one.memory_info().rss for one in processes) / (1 << 20)
    finally:
        await admin.close()
        await consumer.stop()
    done, elapsed = total - already, end_s - began
    return {
        "events_per_s": round(done / elapsed),
        "events_per_cpu_s": round(done / spent),
        "worker_cores": round(spent / elapsed, 2),
        "events": done,
        "memory_mib_a_process": round(memory_mib),
    }


async def _committed(shop: Shop, admin: AIOKafkaAdminClient, places: Sequence[TopicPartition]) -> int:
    found = await admin.list_consumer_group_offsets(shop.topics.group)
    return sum(max(0, found[place].offset) for place in places if place in found)


async def _waiting(
    shop: Shop, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, places: Sequence[TopicPartition]
) -> bool:
    """Whether records wait: more than the ticks, which come for ever, one a partition at a time."""
    ends: dict[TopicPartition, int] = await consumer.end_offsets(list(places))
    return sum(ends.values()) - await _committed(shop, admin, places) > shop.topics.partitions


def _processor_s(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds so far, user and system, of all threads. SystemExit if one has ended."""
    try:
        return float(sum(one.cpu_times().user + one.cpu_times().system for one in processes))
    except psutil.NoSuchProcess:
        raise SystemExit("a worker process ended while it was measured: see worker.log.") from None
