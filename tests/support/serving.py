"""The query service without Kafka and without a port: its application over a store that a test fills."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from aiokafka import TopicPartition

from liveprofile.profiles.facts.facts import AnomalyChanged
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.admin.erasure import Deadline
from liveprofile.streams.admin.rule_versions import OtherContentError
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.query.skew import HotProfile, Laggard
from liveprofile.streams.query.status import Part, Status, laggard_in_words
from liveprofile.streams.serve.api.app import application
from liveprofile.streams.serve.api.call import Call
from liveprofile.streams.serve.api.door import House
from liveprofile.streams.serve.auth.limits import Limits
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.serve.follow.apply import Applier, Fact
from liveprofile.streams.serve.follow.follower import CatchUp
from liveprofile.streams.serve.follow.waiting import Position, Waiting
from liveprofile.streams.serve.follow.writer import Outgoing
from liveprofile.streams.serve.push.hub import Hub
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.similar import Directions
from liveprofile.streams.serve.store.store import Store
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.serve import Serve

TOPICS = Topics()
NOON_MS = 1_780_000_000_000


class FakeFollower:
    """Has read what the test says."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.alive = True
        self.unreadable: dict[str, int] = {}
        names = [TOPICS.profiles, TOPICS.profile_changes, TOPICS.profile_anomalies, TOPICS.rules]
        self.positions = {TopicPartition(topic, number): 0 for topic in names for number in range(2)}

    def progress(self) -> CatchUp:
        return CatchUp(1, 2)

    def age_s(self, topic: str, partition: int) -> float:
        return 0.25

    def inputs_reached(self) -> list[Position]:
        return [Position("clicks", 0, 2262)]

    def reached(self, topic: str, partition: int) -> int | None:
        return self.positions.get(TopicPartition(topic, partition))


class FakeWriter:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None]] = []
        self.deliver: Callable[[str, bytes, bytes | None], int] = lambda *_: 0
        """Gives a publication of rules to the service, as Kafka would; returns its offset."""
        self.others = 0
        """Publications of others, which the service has not read yet."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None) -> Position:
        self.sent.append((topic, key, value))
        if topic == TOPICS.rules:
            return Position(topic, 0, self.deliver(topic, key or b"", value) + self.others)
        return Position(topic, 0, len(self.sent) - 1)

    async def send_each(self, records: Sequence[Outgoing]) -> list[Position]:
        first = len(self.sent)
        self.sent += [(one.topic, one.key, one.value) for one in records]
        return [Position(one.topic, 0, first + at, one.read_back) for at, one in enumerate(records)]

    async def send_all(self, topic: str, values: Sequence[bytes]) -> int:
        self.sent += [(topic, None, value) for value in values]
        return len(values)


class FakePublisher:
    """Keeps which rules were put in force."""

    def __init__(self) -> None:
        self.adopted: list[RuleSet] = []

    async def in_force(self) -> RuleSet:
        return self.adopted[-1]

    async def require_one_content(self, rules: RuleSet, in_force: RuleSet) -> None:
        for known in (in_force, *self.adopted):
            if known.label == rules.label and known.record["toml"] != rules.record["toml"]:
                raise OtherContentError(rules, "0" * 64, ())

    async def adopt(self, rules: RuleSet, now_ms: int) -> int:
        self.adopted.append(rules)
        return 2


class FakeLookout:
    """Saw what the test says."""

    def __init__(self) -> None:
        self.seen: list[Status] = [status(NOON_MS, 100)]

    async def look(self) -> tuple[Status, Status | None]:
        if not self.seen:
            raise NoKafkaError("No Kafka answers here.", "Give the test one.")
        return self.seen[-1], self.seen[-2] if len(self.seen) > 1 else None


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


def profile_id(number: int) -> str:
    """An id."""
    return f"{number:032x}"


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


def status(at_ms: int, end: int) -> Status:
    """What workers do: one has a partition, and another one lags since a profile is hot."""
    part = Part("ingest", "clicks", 0, "worker-1", "/10.0.0.1", 3, 0.5, end=end)
    hot = HotProfile(profile_id(1), 0.9, 500, ["canary-anomalies"])
    laggard = Laggard("profile", "shop.activity", 1, 9.0, "hot_profile", hot)
    return Status("shop", at_ms, 0.5, 3, "Stable", [], [part], [], [], None, [laggard], laggard_in_words(laggard))
