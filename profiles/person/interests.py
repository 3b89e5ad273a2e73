"""Interests of a person: means weighted by decayed mass, and the heaviest topics and brands of the union."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.person.facet import Aligned
from liveprofile.profiles.person.fields import LONG
from liveprofile.profiles.state.row import BRANDS, SCALE_COUNT, TOPICS, Row

Weights = npt.NDArray[np.float64]


def compose_interests(out: Row, of: Aligned) -> None:
    """Set mean vectors, topics and brands of `out`."""
    _compose_means(out, of)
    scales = of.keep[:, :SCALE_COUNT]
    topics = [
        (int(topic), row["topic_mass"][:, at] * scale)
        for row, scale in zip(of.rows, scales, strict=True)
        for at, topic in enumerate(row["topic"])
    ]
    kept = heaviest(topics, TOPICS)
    out["topic"], out["topic_mass"] = 0, 0.0
    for at, (topic, mass) in enumerate(kept):
        out["topic"][at], out["topic_mass"][:, at] = topic, mass
    brands = [
        (int(brand), np.array([mass * scale]))
        for row, scale in zip(of.rows, of.keep[:, LONG], strict=True)
        for brand, mass in zip(row["brand"], row["brand_mass"].astype(float), strict=True)
    ]
    out["brand"], out["brand_mass"] = 0, 0.0
    for at, (brand, masses) in enumerate(heaviest(brands, BRANDS)):
        out["brand"][at], out["brand_mass"][at] = brand, masses.item()


def _compose_means(out: Row, of: Aligned) -> None:
    """Mean vectors (scales, dims) int16, and their masses."""
    masses = np.array([row["mass"] for row in of.rows], float) * of.keep[:, :SCALE_COUNT]
    total = masses.sum(0)
    shares = np.divide(masses, total, out=np.zeros_like(masses), where=total > 0)
    mean = np.zeros(out["interest"].shape)
    for row, share in zip(of.rows, shares, strict=True):
        mean += share[:, None] * row["interest"]
    out["mass"], out["interest"] = total, np.rint(mean)


def heaviest(entries: list[tuple[int, Weights]], most: int) -> list[tuple[int, Weights]]:
    """The `most` digests with the largest weights, each entry's weights (n,) added; of equal ones the smaller digest.

    >>> heaviest([(7, np.array([1.0])), (5, np.array([2.0])), (7, np.array([2.0])), (0, np.array([9.0]))], 1)
    [(7, array([3.]))]
    """
    total: dict[int, Weights] = {}
    for digest, weights in entries:
        if digest != 0:
            total[digest] = total[digest] + weights if digest in total else weights
    return sorted(total.items(), key=lambda one: (-float(one[1].sum()), one[0]))[:most]
