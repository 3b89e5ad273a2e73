"""Events that are posted and read back with their token, beside a worker: how long it takes, and how many reads lack
their event.

Many callers are on their way at once; each posts an event of its own shopper, and reads the profile with the token. The
time counts from the moment at which the post was due.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from liveprofile.client import AsyncClient

RATE_PER_S, SECONDS = 50, 20.0
WARM_S = 3.0
"""The beginning that does not count."""
SHOPPERS = 200
READY_S = 120.0
MODEL = Path(__file__).resolve().parent.parent / ".liveprofile" / "model"


def run(port: int, environ: dict[str, str], folder: str) -> dict[str, Any]:
    """`token_p50_ms`, `token_p99_ms`, `token_stale` of `token_reads`; the service listens on `port`."""
    ready = Path(folder) / "worker-ready"
    command = [sys.executable, "-m", "liveprofile", "worker", "--stages", "ingest,profile", "--ready-file", str(ready)]
    with (Path(folder) / "worker.log").open("wb") as log:
        environment = os.environ | environ | {"LIVEPROFILE_MODEL_DIR": str(MODEL)}
        worker = subprocess.Popen(command, env=environment, stderr=log)
    try:
        give_up_s = time.monotonic() + READY_S
        while not ready.exists():
            if worker.poll() is not None or time.monotonic() > give_up_s:
                raise SystemExit("The worker is not ready: see its log in the folder of the run.")
            time.sleep(0.1)
        return asyncio.run(_read_back(port, RATE_PER_S))
    finally:
        worker.terminate()
        worker.wait(60)


async def _read_back(port: int, rate_per_s: float) -> dict[str, Any]:
    times_ms: list[float] = []
    stale = 0
    free: asyncio.Queue[int] = asyncio.Queue()
    counts = [0] * SHOPPERS
    for shopper in range(SHOPPERS):
        free.put_nowait(shopper)
    limits = httpx.Limits(max_connections=64)
    http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=30.0)

    async with AsyncClient("", http=http) as client:

        async def one(due_s: float, is_warm: bool) -> None:
            nonlocal stale
            shopper = await free.get()
            user, counts[shopper] = f"token-{shopper}", counts[shopper] + 1
            event = {"topic": "clicks", "user_id": user, "item_id": f"i-{shopper % 7}", "category": "shoes"}
            written = await client.write([event])
            found = await client.profile(user_id=user, after=written.token, wait_s=10)
            stale += found.events.total != counts[shopper]
            if is_warm:
                times_ms.append((time.perf_counter() - due_s) * 1000)
            free.put_nowait(shopper)

        began_s, tasks = time.perf_counter(), []
        for at in range(int(rate_per_s * (SECONDS + WARM_S))):
            due_s = began_s + at / rate_per_s
            if (ahead_s := due_s - time.perf_counter()) > 0:
                await asyncio.sleep(ahead_s)
            tasks.append(asyncio.create_task(one(due_s, at / rate_per_s > WARM_S)))
        await asyncio.gather(*tasks)
    p50, p99 = np.percentile(times_ms, (50, 99))
    return {
        "token_reads": sum(counts),
        "token_stale": stale,
        "token_p50_ms": round(float(p50), 1),
        "token_p99_ms": round(float(p99), 1),
    }
