"""F-oauth and F-certificate: tokens and a client's certificate end, and are renewed, while a worker is under load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import msgspec

from liveprofile.streams.broker import Broker, ports
from liveprofile.streams.transport.security.settings import Security
from tests.faults.proxy import Proxy
from tests.faults.shop import Shop
from tests.faults.trial import Trial
from tests.support.certificates import certificates, certify_until
from tests.support.renewing_listeners import by_certificate, by_token, certificate_security, token_security
from tests.support.token_endpoint import Endpoint, tokens_for
from tests.support.topics_now import records_of

USER, PASSWORD = "worker", "a password for tests only"
RATE, RATE_SHORT = 500.0, 150.0
TOKEN_S, TOKEN_SHORT_S = 60.0, 10.0
CERTIFICATE_S, CERTIFICATE_SHORT_S = 60.0, 20.0
LONGEST_GAP_S = 5.0
SHARE_AWAY = 0.15
"""How long the token endpoint is away, as a share of a token's life; a quarter of it is left when it is renewed."""
LONG_AWAY = 1.6
"""The same of the last absence, in which all tokens end."""
STRAY_CONNECTIONS, STRAY_SHORT = 4, 20
"""Connections that may be made anew for other reasons, such as a worker that stood still for longer than a session has
left when it is renewed. Without renewals there would be some fifteen for each token."""


async def tokens_renewed(trial: Trial) -> None:
    """F-oauth: sessions end with tokens. The endpoint is away `n` times, the last time until all have ended.

    With `n` = 0 it is always there. Until the last absence nothing may stand still, and nobody connects anew.
    """
    life_s, rate = (TOKEN_S, RATE) if trial.timed else (TOKEN_SHORT_S, RATE_SHORT)
    secret = trial.folder / "secret"
    secret.write_text(PASSWORD)
    endpoint = Endpoint()
    endpoint.answer = tokens_for(USER, life_s)
    try:
        security = token_security(endpoint, USER, secret)
        async with _shop(trial, by_token(3600.0), security) as (shop, proxy):
            await shop.workers.start()
            # In the first half: the traffic has to outlast the last absence, so that its recovery can be seen.
            moments = [moment // 2 for moment in trial.moments()] if trial.n else []
            traffic = shop.traffic(rate)
            await shop.until_sent(round(2 * rate))
            connections = proxy.connections
            for number, moment in enumerate(moments[:-1], 1):
                await shop.until_sent(moment)
                await _away(trial, endpoint, SHARE_AWAY * life_s, number)
            if moments:
                await shop.until_sent(moments[-1])
            else:
                await traffic
            trial.notes["connections_made"] = proxy.connections - connections
            few = proxy.connections - connections <= (STRAY_CONNECTIONS if trial.timed else STRAY_SHORT)
            trial.require(few, f"{proxy.connections - connections} connections were made anew")
            trial.require(not shop.workers.ended, f"workers ended with {shop.workers.ended}")
            await _note_gap(trial, shop)
            if moments:
                await _away(trial, endpoint, LONG_AWAY * life_s, trial.n, shop)
            await traffic
            await shop.drain()
            await shop.recoveries.over()
            trial.notes |= {"tokens": len(endpoint.asked), "token_life_s": life_s, "worker_exits": shop.workers.ended}
            await trial.check(shop)
    finally:
        endpoint.close()


async def certificate_renewed(trial: Trial) -> None:
    """F-certificate: the client's certificate is replaced `n` times; connections are reset when each old one has ended.

    Until each reset nothing may stand still: connections change over by themselves.
    """
    life_s, rate = (CERTIFICATE_S, RATE) if trial.timed else (CERTIFICATE_SHORT_S, RATE_SHORT)
    folder = certificates(trial.folder, "IP:127.0.0.1", USER, PASSWORD)
    both = [(folder / f"broker.{end}").read_text() for end in ("key", "pem")]
    (folder / "broker-store.pem").write_text("".join(both))
    ends_s = _certify(folder, life_s + 60)  # a worker starts meanwhile
    async with _shop(trial, by_certificate(folder), certificate_security(folder, USER)) as (shop, proxy):
        await shop.workers.start()
        ends_s = _certify(folder, life_s)
        traffic = shop.traffic(rate)
        for number in range(1, trial.n + 1):
            await asyncio.sleep(max(0.0, ends_s - 0.3 * life_s - time.time()))
            before, old_ends_s, ends_s = proxy.connections, ends_s, _certify(folder, life_s * 1.5)
            await asyncio.sleep(max(0.0, old_ends_s + 1 - time.time()))
            trial.progress(
                f"certificate {number} of {trial.n} has ended; connections changed over: {proxy.connections}"
            )
            trial.require(proxy.connections > before, "no connection took up the renewed certificate")
            trial.require(not shop.workers.ended, f"workers ended with {shop.workers.ended}")
            proxy.reset()
            shop.recoveries.struck()
        await shop.recoveries.over()
        trial.notes |= {"certificate_life_s": life_s, "connections_made": proxy.connections}
        await traffic
        await shop.drain()
        await _note_gap(trial, shop)
        _certify(folder, 3600)
        await trial.check(shop)
        trial.notes["worker_exits"] = shop.workers.ended


def _certify(folder: Path, life_s: float) -> float:
    """A new key and certificate in place of the client's; gives when it ends, in seconds since 1970."""
    ends_s = float(int(time.time() + life_s))
    certify_until(folder, "next", "ours", USER, ends_s)
    for end in ("key", "pem"):
        (folder / f"next.{end}").replace(folder / f"{USER}.{end}")
    return ends_s


async def _away(trial: Trial, endpoint: Endpoint, away_s: float, number: int, shop: Shop | None = None) -> None:
    """Let the endpoint refuse for some time; with `shop`, take the time until it has recovered."""
    trial.progress(f"absence {number} of {trial.n} of the token endpoint, {away_s:.1f} s")
    endpoint.status = 503
    await asyncio.sleep(away_s)
    endpoint.status = 200
    if shop is not None:
        shop.recoveries.struck()


async def _note_gap(trial: Trial, shop: Shop) -> None:
    """The longest time without a change of any profile, by the broker's clock."""
    stamps = sorted(
        [
            record.timestamp
            async for record in records_of(shop.bootstrap, shop.topics.profile_changes, shop.topics.partitions)
        ]
    )
    gaps = [((after - before) / 1000, (before - stamps[0]) / 1000) for before, after in pairwise(stamps)]
    longest_s, at_s = max(gaps, default=(0.0, 0.0))
    trial.notes |= {"longest_gap_s": round(longest_s, 2), "longest_gap_at_s": round(at_s), "changes": len(stamps)}
    # A short run may share the machine with anything.
    trial.require(not trial.timed or longest_s <= LONGEST_GAP_S, f"for {longest_s:.1f} s no profile changed")


@asynccontextmanager
async def _shop(trial: Trial, properties: Mapping[str, str], security: Security) -> AsyncIterator[tuple[Shop, Proxy]]:
    """A shop whose workers use a secured listener behind a proxy; the harness itself uses the open one."""
    door = ports.free_port()
    given = {name: str(value) for name, value in msgspec.structs.asdict(security).items() if value}
    settings = {f"LIVEPROFILE_KAFKA__{name.upper()}": value for name, value in given.items()} | {
        "no_proxy": "127.0.0.1"
    }
    with Proxy(door, trial.seed) as proxy:
        broker = Broker(trial.folder / "broker", proxied={door: proxy.port}, properties=properties)
        await asyncio.to_thread(broker.start)
        settings["LIVEPROFILE_BOOTSTRAP"] = proxy.bootstrap
        try:
            async with trial.shop(broker=broker, settings=settings) as shop:
                yield shop, proxy
        finally:
            await asyncio.to_thread(broker.stop)
