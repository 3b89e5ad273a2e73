"""The query service without Kafka and without a port: its application over a store that a test fills."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from aiokafka import TopicPartition

from liveprofile.profiles.facts.facts import AnomalyChanged
from liveprofile.streams.admin.erasure import Deadline
from liveprofile.streams.serve.api.app import application
from liveprofile.streams.serve.api.call import Call
from liveprofile.streams.serve.api.door import House
from liveprofile.streams.serve.auth.limits import Limits
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.serve.follow.apply import Applier, Fact
from liveprofile.streams.serve.follow.waiting import Waiting
from liveprofile.streams.serve.push.hub import Hub
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.similar import Directions
from liveprofile.streams.serve.store.store import Store
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.serve import Serve
from support.serving_fakes import NOON_MS, TOPICS, FakeFollower, FakeLookout, FakePublisher, FakeWriter, profile_id


@dataclass
class Answer:
    """What a request got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The end of the problem's type."""
        assert self.headers["content-type"] == "application/problem+json"
        return str(self.json["type"]).rpartition("/")[2]


@dataclass
class Shop:
    """A service, and records that a test gives it as if they came from Kafka."""

    folder: Path
    requests_per_s: float = 100_000.0
    settings: Settings = field(default_factory=lambda: Settings(serve=Serve(most_body_bytes=2_000)))
    audited: list[Call] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    """Profiles whose erasure was written."""

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "store", cache_mb=8)
        self.follower, self.writer = FakeFollower(), FakeWriter()
        self.publisher, self.lookout = FakePublisher(), FakeLookout()
        self.writer.deliver = self._deliver
        self.tokens = Tokens(self.folder / "tokens.json")
        self.applier = Applier(self.store, TOPICS)
        hub = Hub(TOPICS, "", 2)
        hub.start(SimpleNamespace(call_soon_threadsafe=lambda call, *given: call(*given)), self.follower)  # type: ignore[arg-type]  # as much of them as the hub needs
        self.service = Service(
            self.settings,
            "",
            self.store,
            self.follower,  # type: ignore[arg-type]  # a fake
            hub,
            Waiting(self.follower.reached),
            Directions(self.store, 1_000),
            self.writer,  # type: ignore[arg-type]  # a fake
            self.publisher,  # type: ignore[arg-type]  # a fake
            self.lookout,  # type: ignore[arg-type]  # a fake
            lambda user_id, anonymous: user_id.encode().hex().rjust(32, "1" if anonymous else "0"),
        )
        self.service.eraser = self._erase
        house = House(self.tokens, Limits(self.requests_per_s), 2_000, lambda call, *_: self.audited.append(call))
        self.app = application(self.service, house)

    async def _erase(self, bootstrap: Any, topics: Any, profile: bytes, dims: int) -> tuple[int, list[Deadline]]:
        self.erased.append(profile.decode())
        return 3, [Deadline("profiles", "all", 1.0, "compaction"), Deadline("x", "y", None, "retention")]

    def put(
        self,
        topic: str,
        key: str,
        value: Any,
        *,
        partition: int = 0,
        ms: int = NOON_MS,
        times: int = 1,
        headers: Any = (),
    ) -> list[Fact]:
        """A record of a topic; `times` it was written."""
        facts: list[Fact] = []
        place = TopicPartition(topic, partition)
        raw = value if isinstance(value, bytes | None) else msgspec.json.encode(value)
        for _ in range(times):
            offset = self.follower.positions.get(place, 0)
            record = SimpleNamespace(
                topic=topic,
                partition=partition,
                offset=offset,
                key=key.encode(),
                value=raw,
                timestamp=ms,
                headers=headers,
            )
            self.applier.apply(topic, partition, [record], facts)
            self.follower.positions[place] = offset + 1
        self.service.hub.take(facts)
        return facts

    def _deliver(self, topic: str, key: bytes, value: bytes | None) -> int:
        self.put(topic, key.decode(), value)
        return self.follower.positions[TopicPartition(topic, 0)] - 1

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        stream_until: int = 0,
    ) -> Answer:
        """One request. With `stream_until`, the client goes away after so many frames."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"host": "localhost", **({"content-type": "application/json"} if raw else {}), **(headers or {})}
        sent |= {"content-length": str(len(raw))} if raw else {}
        sent |= {"authorization": f"Bearer {token}"} if token else {}
        name, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": name,
            "raw_path": name.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8321),
        }
        gone, messages = asyncio.Event(), [{"type": "http.request", "body": raw, "more_body": False}]
        status, parts = 0, list[bytes]()
        found: dict[str, str] = {}

        async def receive() -> Any:
            if messages:
                return messages.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                found.update((key.decode(), value.decode()) for key, value in message["headers"])
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body") or (stream_until and b"".join(parts).count(b"\n\n") >= stream_until):
                    gone.set()

        await asyncio.wait_for(self.app(scope, receive, send), 60)
        return Answer(status, found, b"".join(parts))


def snapshot(number: int, version: int = 1, **fields: Any) -> dict[str, Any]:
    """A snapshot with every group of fields."""
    vector = b64encode(np.eye(8, dtype="<f2")[number % 8].tobytes()).decode()
    return {
        "profile_id": profile_id(number),
        "version": version,
        "last_seen": "2026-05-28T12:00:00.000Z",
        "lifecycle": {"state": "active", "since": "2026-05-01T12:00:00.000Z"},
        "cluster": {"id": number % 3, "model": "kmeans@1", "name": f"cluster {number % 3}"},
        "segments": [{"name": "vip", "since": "2026-05-01T12:00:00.000Z"}],
        "rules": "starter@1",
        "interests": {"session": [], "short": [], "long": [{"topic": "pans", "share": 1.0, "mass": 2.0}]},
        "slots": [],
        "recent": [],
        "spend": {"band": "high", "total": 12.5},
        "predictions": {"churn": {"band": "low", "chance": 0.1}},
        "traits": {"sessions": 3},
        "declared": [{"name": "language", "value": "de", "since": "2026-05-01T12:00:00.000Z", "how": "declared"}],
        "anomalies": [],
        "said": {"session": [], "short": [], "long": ["pans"]},
        "vectors": {"dim": 8, "model": "m", "session": vector, "short": vector, "long": vector},
    } | fields


def change(number: int, version: int, path: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A version with one change."""
    reason = {"code": "INTEREST_ENTERED", "rule": "rule@1", "threshold": 0.3, "observed": 0.4}
    one = {"path": path, "op": "replace", "before": before, "after": after, "reason": reason, "message": "It changed."}
    record = {"profile_id": profile_id(number), "version": version, "origin": "live", "changes": [one]}
    return record | {"evidence": [], "models": {}} | more


def anomaly_of(number: int, step: AnomalyChanged) -> dict[str, Any]:
    """A step of an anomaly as JSON, of a profile."""
    found: dict[str, Any] = msgspec.to_builtins(step)
    return found | {"profile_id": profile_id(number)}
