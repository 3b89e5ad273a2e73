"""Similarity of item titles by words: the cosine of TF-IDF vectors, updated as titles arrive.

Sparck Jones, A statistical interpretation of term specificity, 1972. An embedding captures the subject of a title.
Words identify the variant: sizes, part numbers, and names unknown to the embedder.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 18
"""Number of hash buckets for words: no vocabulary has to be kept, and two words rarely share one."""
TOKEN = r"\w+(?:[./-]\d+)*"
"""A word, or a size: 1/2, 3-8, 0.75."""

Floats = npt.NDArray[np.float32]


class Words:
    """Titles by place, from 0 on. Weights depend only on the present titles, so any order of updates gives the same."""

    def __init__(self) -> None:
        from scipy.sparse import csr_matrix  # here: only programs that recommend items wait for these imports
        from sklearn.feature_extraction.text import HashingVectorizer

        self._counter = HashingVectorizer(
            token_pattern=TOKEN, n_features=BUCKETS, alternate_sign=False, norm=None, dtype=np.float32
        )
        self._counts = csr_matrix((0, BUCKETS), dtype=np.float32)
        self._new: dict[int, str] = {}
        self._rows = self._columns = self._counts

    def put(self, place: int, text: str) -> None:
        """The title at a place; the next free place, or one that has a title."""
        self._new[place] = text

    def closeness(self, places: Sequence[int]) -> Floats:
        """Cosines of the titles at `places` (j,) with all titles: (j, n)."""
        self._settle()
        found: Floats = (self._rows[list(places)] @ self._columns).toarray()
        return found

    def _settle(self) -> None:
        """Count the new titles and recompute all word weights: costs one pass over the counts."""
        if not self._new:
            return
        from scipy.sparse import vstack
        from sklearn.feature_extraction.text import TfidfTransformer

        before, places = self._counts.shape[0], np.array(list(self._new), np.int64)
        order = np.arange(max(before, int(places.max()) + 1))
        order[places] = before + np.arange(len(places))
        self._counts = vstack([self._counts, self._counter.transform(self._new.values())], format="csr")[order]
        self._rows = TfidfTransformer(sublinear_tf=True).fit_transform(self._counts).astype(np.float32)
        self._columns = self._rows.T.tocsr()
        self._new = {}
