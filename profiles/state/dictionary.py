"""The string dictionary: the texts of the 32-bit digests of topics and brands, learnt once per partition."""

from dataclasses import dataclass, field

LIMIT = 200_000
"""Maximum number of names; beyond it a digest is shown as hex, so hostile input cannot fill the memory."""


@dataclass(slots=True)
class Dictionary:
    """Digest to text. A name never changes once it is known, so facts that use it are repeatable."""

    known: dict[int, str] = field(default_factory=dict)
    unsaved: list[int] = field(default_factory=list)
    """Digests learnt since the last checkpoint."""

    def learn(self, digest: int, text: str) -> None:
        """Store a text, unless it is known or the limit is reached."""
        if digest not in self.known and len(self.known) < LIMIT:
            self.known[digest] = text
            self.unsaved.append(digest)

    def restore(self, digest: int, text: bytes | None) -> None:
        """Load a name from its state record; None removes it."""
        if text is None:
            self.known.pop(digest, None)
        else:
            self.known[digest] = text.decode()

    def name(self, digest: int) -> str:
        """The text, or the digest in hex if it is unknown."""
        return self.known.get(int(digest)) or f"#{int(digest):08x}"

    def all(self, digests: list[int]) -> list[str]:
        """The texts of several digests."""
        return [self.name(digest) for digest in digests]
