"""Pseudonyms: shoppers, devices, networks and sessions become digests under a secret key; only those leave ingest."""

import hmac
from functools import lru_cache, partial

from aiokafka.partitioner import murmur2

from liveprofile.streams.contract.personal_data.ids import is_personal_id

ID_HEX_CHARS = 32
"""Length of a profile id: 128 bits of HMAC-SHA256 in hexadecimal digits."""
SHORTEST_KEY = 16
_CHECKED_TEXT = b"liveprofile key check"
CACHED_SHOPPERS = 131_072


class PseudonymKey:
    """The secret key of pseudonyms. It never appears in a repr, a log or a pickle."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_KEY:
            raise ValueError(
                f"pseudonym key has {len(secret)} bytes; it needs at least {SHORTEST_KEY}. "
                "Make one with `python -c 'import secrets; print(secrets.token_hex(32))'` and keep it: "
                "another key gives every shopper another profile."
            )
        self._secret = secret

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA256 of a message (RFC 2104), 32 bytes."""
        return hmac.digest(self._secret, message, "sha256")

    @property
    def check_value(self) -> str:
        """Tells whether two processes have the same key, 32 hexadecimal digits; the key does not follow from it."""
        return self.digest(_CHECKED_TEXT).hex()[:ID_HEX_CHARS]

    def __repr__(self) -> str:
        return "PseudonymKey(hidden)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a PseudonymKey is not to be pickled: it would put the secret into a file")


class Pseudonyms:
    """Computes profile ids with their partitions, and digests of devices, networks and ids; caches recent ones."""

    def __init__(self, key: PseudonymKey, partitions: int, cached: int = CACHED_SHOPPERS) -> None:
        self._key = key
        self._partitions = partitions
        self.of = lru_cache(maxsize=cached)(self._of)
        self.device = lru_cache(maxsize=cached)(partial(self._short, "device"))
        """The keyed 32-bit digest of a device; 0 for an empty text. It is useless without the key."""
        self.network = lru_cache(maxsize=cached)(partial(self._short, "network"))
        """The same for a network."""
        self.session = lru_cache(maxsize=cached)(partial(self._name, "session"))
        """The keyed digest of a session id, 16 hexadecimal digits: session ids are often the cookies of a login."""
        self.stored_item_id = lru_cache(maxsize=cached)(self.stored_id)
        """As `stored_id`, for ids that come again and again."""

    def _of(self, shopper: str) -> tuple[bytes, int]:
        """The profile id of a `shopper` name (32 hexadecimal digits as bytes, the Kafka key), and its partition."""
        digest = self._key.digest(shopper.encode("utf-8", "surrogatepass"))
        profile_id = digest.hex()[:ID_HEX_CHARS].encode("ascii")
        return profile_id, partition_of(profile_id, self._partitions)

    def stored_id(self, written: str) -> str:
        """The id of an event, an order or an item as it is written down: as sent, or a keyed digest if it is personal.

        >>> ids = Pseudonyms(PseudonymKey(b"a key for this example"), 1)
        >>> ids.stored_id("A-1042"), ids.stored_id("+4915112345678")
        ('A-1042', 'id-22097c198d2223f2')
        """
        return f"id-{self._name('id', written)}" if is_personal_id(written) else written

    def _name(self, kind: str, text: str) -> str:
        return self._key.digest(f"{kind}:{text}".encode("utf-8", "surrogatepass"))[:8].hex()

    def _short(self, kind: str, text: str) -> int:
        if not text:
            return 0
        digest = self._key.digest(f"{kind}:{text}".encode("utf-8", "surrogatepass"))
        return int.from_bytes(digest[:4], "little") or 1


def known_shopper(user_id: str) -> str:
    """The name of a shopper who is known to the shop. Known and anonymous ids are separate namespaces."""
    return f"user:{user_id}"


def anonymous_shopper(anonymous_id: str) -> str:
    """The name of a shopper who is known only by a device or a cookie."""
    return f"anonymous:{anonymous_id}"


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partition of a key: murmur2, made positive, modulo.

    >>> partition_of(b"0123456789abcdef0123456789abcdef", 4)
    1
    """
    digest: int = murmur2(key)
    return (digest & 0x7FFFFFFF) % partitions
