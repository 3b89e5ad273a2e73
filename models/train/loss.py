"""Losses of training: the contrastive loss of pairs in a batch, and the distance of a student from its teacher."""

from collections.abc import Mapping, Sequence

import torch
from torch.nn.functional import cross_entropy

from liveprofile.models.train.pairs import Pair

TEMPERATURE = 0.05
"""Divisor of cosines: the inverse of 20, the scale in sentence-transformers."""


def contrastive(
    anchors: torch.Tensor,
    positives: torch.Tensor,
    excluded: torch.Tensor,
    temperature: float = TEMPERATURE,
    *,
    symmetric: bool = False,
) -> torch.Tensor:
    """-log softmax of each anchor's positive among all positives of the batch; with `symmetric`, also of the anchors.

    `anchors` and `positives` are (n, hidden) unit rows, `excluded` (n, n) booleans as `not_negatives` makes them.
    Source: Henderson et al., Efficient Natural Language Response Suggestion (2017); InfoNCE of van den Oord et al.,
    Representation Learning with Contrastive Predictive Coding (2018).
    """
    scores = (anchors @ positives.T / temperature).masked_fill(excluded, float("-inf"))
    own = torch.arange(len(scores))
    loss: torch.Tensor = cross_entropy(scores, own)
    return (loss + cross_entropy(scores.T, own)) / 2 if symmetric else loss


def not_negatives(pairs: Sequence[Pair], known: Mapping[str, frozenset[str]]) -> torch.Tensor:
    """(n, n) booleans: pair j's positive is no negative of pair i's anchor: it is a known answer or equal to it."""
    right = [known.get(pair.anchor, frozenset()) | {pair.anchor} for pair in pairs]
    excluded = torch.tensor([[other.positive in texts for other in pairs] for texts in right])
    return excluded & ~torch.eye(len(pairs), dtype=torch.bool)


def distance(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Mean over the rows of 1 - cosine: half the squared distance of unit vectors.

    Source: the cosine part of Sanh et al., DistilBERT (2019); mean squared error as in Reimers and Gurevych, Making
    Monolingual Sentence Embeddings Multilingual (EMNLP 2020), which is the same for unit vectors.
    """
    gap: torch.Tensor = 1 - (student * teacher).sum(dim=-1)
    return gap.mean()
