"""Evaluation of an embedder: the rank of a held-out pair's positive among the positives of all held-out pairs."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.models.train.pairs import Pair

Vectors = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.float64]
"""(pairs,) from 1, the best."""
Embed = Callable[[Sequence[str]], Vectors]
"""Texts to (n, dimensions) unit rows."""
Figures = dict[str, float]

BLOCK = 1024
DRAWS = 2000
"""Draws of a bootstrap."""


class Judge:
    """Ranks of held-out positives by cosine; other known answers of the anchor, and the anchor itself, do not count.

    Source: the filtered ranks of Bordes et al., Translating embeddings (NeurIPS 2013). Ties count half.
    """

    def __init__(
        self, pairs: Sequence[Pair], known: Mapping[str, frozenset[str]], trained: Collection[str] = ()
    ) -> None:
        self._anchors = list(dict.fromkeys(pair.anchor for pair in pairs))
        self._candidates = list(dict.fromkeys(pair.positive for pair in pairs))
        row = {text: place for place, text in enumerate(self._anchors)}
        column = {text: place for place, text in enumerate(self._candidates)}
        self._rows = np.array([row[pair.anchor] for pair in pairs])
        self._columns = np.array([column[pair.positive] for pair in pairs])
        self._barred = [
            np.array([column[text] for text in {pair.anchor, *known[pair.anchor]} - {pair.positive} if text in column])
            for pair in pairs
        ]
        _, self._groups = np.unique([pair.group or pair.anchor for pair in pairs], return_inverse=True)
        self._unseen = np.array([not {pair.anchor, pair.positive} & set(trained) for pair in pairs])

    def figures(self, ranks: Ranks) -> Figures:
        """Recall at 1 and 10, MRR and mean rank; `unseen_…`: over pairs with both texts unseen in training."""
        unseen = ranks[self._unseen]
        fresh = {f"unseen_{name}": value for name, value in _figures(unseen).items()} if len(unseen) else {}
        return _figures(ranks) | {"candidates": len(self._candidates)} | fresh

    def gain(self, before: Ranks, after: Ranks, seed: int) -> dict[str, list[float]]:
        """The gain of recall at 10 and MRR: the mean, and a paired bootstrap interval of 95% over groups.

        Groups are drawn, not pairs. Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993).
        """
        groups = int(self._groups.max()) + 1
        drawn = np.random.default_rng(seed).integers(0, groups, (DRAWS, groups))
        sizes = np.bincount(self._groups, minlength=groups)
        gains = {"recall@10": (after <= 10).astype(float) - (before <= 10), "mrr": 1 / after - 1 / before}
        found = {}
        for name, values in gains.items():
            sums = np.bincount(self._groups, values, minlength=groups)
            ends = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (0.025, 0.975))
            found[name] = [round(float(number), 4) for number in (values.mean(), *ends)]
        return found

    def ranks(self, embed: Embed) -> Ranks:
        """The rank of each pair's positive."""
        anchors, candidates = embed(self._anchors), embed(self._candidates)
        found = np.empty(len(self._rows))
        for start in range(0, len(found), BLOCK):
            rows, columns = self._rows[start : start + BLOCK], self._columns[start : start + BLOCK]
            scores = anchors[rows] @ candidates.T
            own = scores[np.arange(len(rows)), columns]
            for place, barred in enumerate(self._barred[start : start + BLOCK]):
                scores[place, barred.astype(np.intp)] = -np.inf
            better = (scores > own[:, None]).sum(axis=1)
            equal = (scores == own[:, None]).sum(axis=1) - 1
            found[start : start + BLOCK] = 1 + better + equal / 2
        return found


def _figures(ranks: Ranks) -> Figures:
    """The usual metrics of ranks.

    >>> _figures(np.array([1.0, 2.0, 20.0, 1.0]))
    {'n': 4, 'recall@1': 0.5, 'recall@10': 0.75, 'mrr': 0.6375, 'mean_rank': 6.0}
    """
    return {
        "n": len(ranks),
        "recall@1": float((ranks <= 1).mean()),
        "recall@10": float((ranks <= 10).mean()),
        "mrr": float((1 / ranks).mean()),
        "mean_rank": float(ranks.mean()),
    }
