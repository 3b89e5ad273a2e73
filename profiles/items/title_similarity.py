"""Similarity of item titles by words: the cosine of TF-IDF vectors, updated as titles arrive.

Sparck Jones, A statistical interpretation of term specificity, 1972. An embedding captures the subject of a title.
Words identify the variant: sizes, part numbers, and names unknown to the embedder.

Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without spaces. There, pairs of neighbouring characters take
the place of words: they find about what a dictionary finds, and need none (Nie, Gao, Zhang and Zhou, On the use of
words and n-grams for Chinese information retrieval, IRAL 2000).
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 18
"""Number of hash buckets for words: no vocabulary has to be kept, and two words rarely share one."""
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN = re.compile(r"\w+(?:[./-]\d+)*")
"""A word, or a size: 1/2, 3-8, 0.75."""
RUN = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+(?:[./-]\d+)*")
"""Characters of one script without spaces, or a word between them."""
UNSPACED = re.compile(rf"[{_UNSPACED}]")

Floats = npt.NDArray[np.float32]


def terms(title: str) -> list[str]:
    """What a title is compared by: its words in lower case.

    Of a title with characters of a script without spaces: those characters, their pairs, the words between them, and
    the pairs of these words' characters. The last are needed because sizes and brands are written into the run.

    >>> terms("Oak Shelf 3/4"), terms("自然堂BB霜")
    (['oak', 'shelf', '3/4'], ['自', '然', '堂', '自然', '然堂', 'bb', 'bb', '霜'])
    """
    text = title.lower()
    if text.isascii() or not UNSPACED.search(text):
        return TOKEN.findall(text)
    found: list[str] = []
    for run in RUN.findall(text):
        found += run if UNSPACED.match(run) else [run]
        found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


class Words:
    """Titles by place, from 0 on. Weights depend only on the present titles, so any order of updates gives the same."""

    def __init__(self) -> None:
        from scipy.sparse import csr_matrix  # here: only programs that recommend items wait for these imports
        from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

        self._counter = HashingVectorizer(
            analyzer=terms, n_features=BUCKETS, alternate_sign=False, norm=None, dtype=np.float32
        )
        self._counts = csr_matrix((0, BUCKETS), dtype=np.float32)
        self._new: dict[int, str] = {}
        self._rows = self._columns = self._counts
        self._weigh = TfidfTransformer(sublinear_tf=True)

    def put(self, place: int, text: str) -> None:
        """The title at a place; the next free place, or one that has a title."""
        self._new[place] = text

    def closeness(self, places: Sequence[int]) -> Floats:
        """Cosines of the titles at `places` (j,) with all titles: (j, n)."""
        self._settle()
        found: Floats = (self._rows[list(places)] @ self._columns).toarray()
        return found

    def closeness_of(self, texts: Sequence[str]) -> Floats:
        """Cosines of other texts (j,), such as queries, with all titles: (j, n). The titles decide how rare a word
        is.
        """
        self._settle()
        rows = self._weigh.transform(self._counter.transform(texts)).astype(np.float32)
        found: Floats = (rows @ self._columns).toarray()
        return found

    def _settle(self) -> None:
        """Count the new titles and recompute all word weights: costs one pass over the counts."""
        if not self._new:
            return
        from scipy.sparse import vstack

        before, places = self._counts.shape[0], np.array(list(self._new), np.int64)
        order = np.arange(max(before, int(places.max()) + 1))
        order[places] = before + np.arange(len(places))
        self._counts = vstack([self._counts, self._counter.transform(self._new.values())], format="csr")[order]
        self._rows = self._weigh.fit_transform(self._counts).astype(np.float32)
        self._columns = self._rows.T.tocsr()
        self._new = {}
