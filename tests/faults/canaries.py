"""I8: planted strings that name a person, searched in everything that the application wrote; none may be found."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from tests.faults.post import Letter
from tests.support.topics_now import records_of

if TYPE_CHECKING:
    from tests.faults.shop import Shop

TOPICS = ("clicks", "searches", "purchases", "reviews", "feedback", "declarations")
BASE64 = re.compile(rb'"original_base64":"([A-Za-z0-9+/=]+)"')


@dataclass(frozen=True)
class Canary:
    """A made-up person: what would name them if it were found."""

    user_id: str
    email: str
    card: str
    phone: str
    device: str
    address: str
    word: str
    """What stands in reviews and in what the person says of themself."""

    @property
    def forms(self) -> Iterator[bytes]:
        """Each secret as it is sent, and its digits without anything between them."""
        for secret in (self.user_id, self.email, self.card, self.phone, self.device, self.address, self.word):
            yield secret.encode()
            if digits := re.sub(r"\D", "", secret) if secret in (self.card, self.phone) else "":
                yield digits.encode()

    def events(self, first: int, count: int, now_ms: int) -> Iterator[Letter]:
        """Events of every input in turn, with a secret in each text; the ids begin at `first`."""
        for number in range(first, first + count):
            topic = TOPICS[number % len(TOPICS)]
            common = {"user_id": self.user_id, "event_id": f"{number}-{len(self.email)}", "ts": now_ms + number}
            whence = {"device": self.device, "ip": self.address, "locale": "en-GB"}
            event = common | whence | self._act(topic, number)
            yield Letter(topic, self.user_id.encode(), orjson.dumps(event))

    def _act(self, topic: str, number: int) -> dict[str, Any]:
        """What an event of an input has of its own."""
        secret = (f"gift for {self.email}", f"call {self.phone} please", f"paid with {self.card}")[number // 6 % 3]
        text = f"{secret} red vase {number % 7}"
        item = {"item_id": f"i{number % 9}", "title": text, "category": "home/decor", "price": 12.5}
        attribute, value = (("preferred_category", "home/decor"), ("gender", "diverse"))[number // 6 % 2]
        return {
            "clicks": {"action": "cart", **item},
            "searches": {"query": text},
            "purchases": {"order_id": f"o{number}", "items": [item], "currency": "EUR", "total": 12.5},
            "reviews": {**item, "stars": 1 + number % 5, "text": f"{self.word} {text}"},
            "feedback": {"about": "offer", "verdict": "refused", "name": f"{self.word} {text}", **item},
            "declarations": {"attributes": {attribute: value}},
        }[topic]

    def refused(self) -> Iterator[Letter]:
        """Records that go to dead-letters: broken off, a wrong type, bytes that are no text, words nobody knows."""
        whole = {"user_id": self.user_id, "email": self.email, "query": f"{self.email} {self.card} {self.phone}"}
        encoded = orjson.dumps(whole)
        yield Letter("searches", None, encoded[:-1])
        yield Letter("searches", None, orjson.dumps(whole | {"ts": "then"}))
        yield Letter("searches", None, b"\xff" + encoded)
        yield Letter("clicks", None, orjson.dumps(whole | {"title": ["a"], "phone": self.phone}))
        yield Letter("clicks", None, orjson.dumps(whole | {"ts": "then", "device": self.device, "ip": self.address}))
        yield Letter("reviews", None, orjson.dumps(whole | {"stars": 9, "text": self.word}))
        corrected = {"about": "attribute", "name": "gender", "verdict": "corrected", "value": self.word}
        yield Letter("feedback", None, orjson.dumps(whole | corrected))
        yield Letter("declarations", None, orjson.dumps(whole | {"attributes": {"gender": self.word}}))
        yield Letter("declarations", None, orjson.dumps(whole | {"attributes": {"faith": self.word, "age_band": 47}}))


def plant(random: Random, count: int) -> list[Canary]:
    """So many people, drawn from a seed."""
    return [_canary(random, number) for number in range(count)]


def _canary(random: Random, number: int) -> Canary:
    tag = f"{random.getrandbits(48):012x}"
    card = _with_check_digit(f"4{random.randrange(10**14):014d}")
    return Canary(
        f"canary{tag}@shop.example" if number % 2 else f"Canary-{tag}",
        f"sing.{tag}@mail.example",
        " ".join(card[at : at + 4] for at in range(0, 16, 4)),
        f"+44 20 {random.randrange(1000, 9999)} {random.randrange(1000, 9999)}",
        f"device of {tag}",
        f"2001:db8:{tag[:4]}:{tag[4:8]}::{tag[8:]}",
        f"lovely{tag}",
    )


def _with_check_digit(digits: str) -> str:
    """Luhn's: without it a number is no card."""
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(digits)]
    return digits + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


async def search(shop: Shop, canaries: list[Canary]) -> Counter[str]:
    """Where secrets were found, and how many records or files hold one: all topics but inputs, logs, the disk.

    AssertionError unless every canary is found in the inputs: a search that finds nothing there finds nothing at all.
    """
    pattern = re.compile(b"|".join(sorted({re.escape(form) for one in canaries for form in one.forms})), re.IGNORECASE)
    await _assert_planted(shop, canaries, pattern)
    found: Counter[str] = Counter()
    for topic in shop.topics.all():
        if topic.name in shop.topics.inputs:
            continue
        async for record in records_of(shop.bootstrap, topic.name, topic.partitions):
            parts = [record.key or b"", _readable(record.value or b""), *(value for _, value in record.headers)]
            found[topic.name] += any(pattern.search(part) for part in parts)
    for path in _files(shop):
        found[path.name] += pattern.search(path.read_bytes()) is not None
    return +found


def _files(shop: Shop) -> list[Path]:
    """What workers wrote: logs, caches, local state. The broker's own files hold the inputs."""
    folders = [path for path in shop.folder.iterdir() if path.is_dir() and path.name != "broker"]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _readable(value: bytes) -> bytes:
    """A value, and behind it what it holds in base64."""
    return value + b"".join(base64.b64decode(found) for found in BASE64.findall(value))


async def _assert_planted(shop: Shop, canaries: list[Canary], pattern: re.Pattern[bytes]) -> None:
    missing = {form for canary in canaries for form in canary.forms if not form.isdigit()}
    for topic in shop.topics.inputs:
        async for record in records_of(shop.bootstrap, topic, shop.topics.partitions):
            missing -= set(pattern.findall(record.value or b""))
    assert not missing, f"{len(missing)} canaries were never sent"
