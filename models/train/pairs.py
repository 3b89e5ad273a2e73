"""Pairs of texts that belong together, and their split into training pairs and held-out pairs."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from liveprofile.models.errors import ModelError

LEAST = 2
"""Least number of pairs on each side: a single pair has no negatives."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and an answer to it: a query and the clicked title, or an item and the next one."""

    anchor: str
    positive: str
    group: str = ""
    """The group of the pair, such as a shopper; if unknown, the anchor is the group."""


@dataclass(frozen=True)
class Split:
    """Training pairs, and held-out pairs for evaluation."""

    training: tuple[Pair, ...]
    held_out: tuple[Pair, ...]

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        """All known answers of each anchor; they are never used as its negatives."""
        return answers((*self.training, *self.held_out))

    @property
    def trained_texts(self) -> frozenset[str]:
        """The texts of the training pairs."""
        return frozenset(text for pair in self.training for text in (pair.anchor, pair.positive))


def answers(pairs: Iterable[Pair]) -> dict[str, frozenset[str]]:
    """The positives of each anchor.

    >>> answers([Pair("tea", "teapot"), Pair("tea", "cup")])["tea"] == {"cup", "teapot"}
    True
    """
    found: dict[str, set[str]] = {}
    for pair in pairs:
        found.setdefault(pair.anchor, set()).add(pair.positive)
    return {anchor: frozenset(positives) for anchor, positives in found.items()}


def split(pairs: Sequence[Pair], share: float, seed: int) -> Split:
    """Hold out about `share` of the groups, chosen by a hash, so that a group stays on its side when others are added.

    A training pair with the same two texts as a held-out pair, in either order, is left out. Equal pairs are held out
    once. ModelError if a side has fewer than LEAST pairs.
    """
    if not 0 < share < 1:
        raise ModelError(f"held-out share = {share}, allowed between 0 and 1", "Choose such as 0.1.")
    apart = [_is_held_out(pair.group or pair.anchor, share, seed) for pair in pairs]
    held_out = {(pair.anchor, pair.positive): pair for pair, out in zip(pairs, apart, strict=True) if out}
    barred = held_out.keys() | {(positive, anchor) for anchor, positive in held_out}
    training = [
        pair for pair, out in zip(pairs, apart, strict=True) if not out and (pair.anchor, pair.positive) not in barred
    ]
    if min(len(training), len(held_out)) < LEAST:
        groups = len({pair.group or pair.anchor for pair in pairs})
        raise ModelError(
            f"{len(pairs)} pairs of {groups} groups give {len(training)} to train on and {len(held_out)} held out, "
            f"at least {LEAST} each",
            "Give more pairs, or hold out another share.",
        )
    return Split(tuple(training), tuple(held_out.values()))


def fingerprint(pairs: Iterable[Pair]) -> str:
    """SHA-256 of the pairs in their order."""
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update("\x1f".join((pair.anchor, pair.positive, pair.group, "\x1e")).encode())
    return digest.hexdigest()


def _is_held_out(group: str, share: float, seed: int) -> bool:
    digest = hashlib.sha256(f"{seed}/{group}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < share
