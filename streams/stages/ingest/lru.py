"""An approximate LRU cache with cheap reads: two generations of a dict."""

from typing import Generic, TypeVar

_V = TypeVar("_V")


class TwoGenerationCache(Generic[_V]):
    """Keeps between `size` and twice as many of the most recently used entries.

    New and reused entries go to the young generation. When it is full, it becomes the old one, and the previous old
    one is dropped. This approximates LRU without any bookkeeping on a hit.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[str, _V] = {}
        self._old: dict[str, _V] = {}

    def get(self, key: str) -> _V | None:
        """The value of a key, or None."""
        value = self._young.get(key)
        if value is None and (value := self._old.get(key)) is not None:
            self.put(key, value)
        return value

    def put(self, key: str, value: _V) -> None:
        """Remember a value."""
        self._young[key] = value
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())
