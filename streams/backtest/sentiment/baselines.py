"""Sentiment baselines: the prior rate, mean stars of the item and of the shopper, and the words of the review."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.sentiment.reviews import Reviews

Floats = npt.NDArray[np.float64]
AT_ONCE = 20
"""Reviews per step of the lexical model; it predicts all of them before it learns any."""
WORDS = 1 << 16


def prior_rate(praise: npt.NDArray[np.bool_]) -> Floats:
    """The share of praise among all earlier reviews (n,), starting with one of each."""
    before: npt.NDArray[np.int64] = np.cumsum(praise) - praise
    return np.asarray((before + 1.0) / (np.arange(len(praise)) + 2.0), np.float64)


def mean_stars(reviews: Reviews, of: npt.NDArray[np.str_]) -> Floats:
    """Mean stars of earlier reviews of the same item or shopper (n,), shrunk to the overall mean with weight 1."""
    known: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    found, total = np.zeros(len(of)), 3.0
    for at, (name, stars) in enumerate(zip(of.tolist(), reviews.stars.tolist(), strict=True)):
        given, count = known[name]
        mean = total / (at + 1)
        found[at] = (given + mean) / (count + 1)
        known[name] = given + stars, count + 1
        total += stars
    return found


def by_words(texts: Sequence[str], praise: npt.NDArray[np.bool_], seed: int) -> Floats:
    """Probabilities (n,) of an online logistic regression on hashed words and pairs of words: test, then train.

    Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009; scikit-learn's SGDClassifier with
    averaged weights. 0.5 before both classes were seen.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    rows = HashingVectorizer(n_features=WORDS, ngram_range=(1, 2)).transform(texts)
    model = SGDClassifier(loss="log_loss", alpha=1e-5, average=True, random_state=seed)
    found = np.full(len(texts), 0.5)
    for start in range(0, len(texts), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        if start:
            found[part] = model.predict_proba(rows[part])[:, 1]
        model.partial_fit(rows[part], praise[part], classes=[False, True])
    return found


def in_one_go(taught: Reviews, asked: Sequence[str]) -> Floats:
    """Probabilities (n,) of a logistic regression on TF-IDF, trained on all of `taught` at once, unlike a stream."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(words.fit_transform(taught.texts), taught.praise)
    return np.asarray(model.predict_proba(words.transform(asked))[:, 1], np.float64)
