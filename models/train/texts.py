"""Training texts and held-out texts of a student: the project's own shop texts, and given texts."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liveprofile.models import corpus
from liveprofile.models.errors import ModelError
from liveprofile.models.train.pairs import Pair, Split

CORPUS_TEXTS, CORPUS_SEED = 20_000, 31
LEAST = 2


@dataclass(frozen=True)
class Texts:
    """Distinct texts; no text is on both sides."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]


def gather(given: Iterable[str], pairs: Split | None, share: float, seed: int) -> Texts:
    """Texts of the corpus, `given` texts, and texts of the training pairs; about `share` of the first two are held out.

    Every text of a held-out pair is held out, too. ModelError if a side has fewer than LEAST texts.
    """
    loose = dict.fromkeys((*corpus.texts(CORPUS_TEXTS, CORPUS_SEED), *given))
    held_out = dict.fromkeys(text for text in loose if _draw(text, seed) < share)
    held_out |= dict.fromkeys(_of(pairs.held_out if pairs else ()))
    trained = loose | dict.fromkeys(_of(pairs.training if pairs else ()))
    training = tuple(text for text in trained if text not in held_out)
    if min(len(training), len(held_out)) < LEAST:
        raise ModelError(
            f"{len(training)} texts to train on, {len(held_out)} held out, at least {LEAST} each",
            "Hold out another share, such as 0.1.",
        )
    return Texts(training, tuple(held_out))


def _of(pairs: Sequence[Pair]) -> list[str]:
    return [text for pair in pairs for text in (pair.anchor, pair.positive)]


def _draw(text: str, seed: int) -> float:
    """A pseudo-random number from 0 to 1, from a text and a seed."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{text}".encode()).digest()[:8]) / 2**64
