"""Decayed interests at three time scales: a mean vector with its weight, and the topics and brands that carry it.

v = sum of w_i 2^(-(t - t_i)/h) e_i is kept as weight m and mean v / m. Late events decay themselves, not the state, so
order does not matter beyond rounding (forward decay: Cormode et al., ICDE 2009).
"""

import numpy as np
import numpy.typing as npt

from profiles.means import blend, pattern_of
from profiles.row import SCALES, Rows
from profiles.wave import Wave

Floats32 = npt.NDArray[np.float32]


def update_interests(wave: Wave) -> None:
    """Take the activity's embedding into the mean vectors, its topic and brand into their tables."""
    _update_vectors(wave)
    weights = wave.weight[:, None] * wave.fresh[:, : len(SCALES)]
    wave.rows["topic_mass"] *= wave.keep[:, : len(SCALES), None]
    wave.rows["brand_mass"] *= wave.keep[:, 2:3]
    add_to_table(wave.rows["topic"], wave.rows["topic_mass"], wave.events["category"], weights)
    add_to_table(wave.rows["brand"], wave.rows["brand_mass"][:, None, :], wave.events["brand"], weights[:, 2:3])


def _update_vectors(wave: Wave) -> None:
    """mean' = mean + |w| / m' (sign(w) e - mean), m' = decayed m + |w|."""
    embedding = wave.events["vector"].astype(np.float32)
    embedding *= np.sign(wave.weight).astype(np.float32)[:, None]
    weight = np.where(embedding.any(axis=1), np.abs(wave.weight), 0.0)
    pattern = pattern_of(wave.events["source"] + wave.events["line"])
    for scale in range(len(SCALES)):
        added = weight * wave.fresh[:, scale]
        mass = wave.rows["mass"][:, scale] * wave.keep[:, scale] + added
        gain = np.divide(added, mass, out=np.zeros_like(mass), where=mass > 0)
        wave.rows["interest"][:, scale] = blend(wave.rows["interest"][:, scale], embedding, gain, pattern)
        wave.rows["mass"][:, scale] = mass


def add_to_table(
    names: npt.NDArray[np.uint32],
    masses: Floats32,
    name: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.float64],
) -> None:
    """Add weights (n, s) under a name (n,) to tables of k names (n, k) and masses (n, s, k), in place.

    An unknown name takes the lightest place, as in Space-Saving (Metwally et al. 2005), without the inherited count.
    Nothing is entered under name 0, and what speaks against an unknown name is not entered.
    """
    known = names == name[:, None]
    found = known.any(axis=1)
    total = masses[:, 0].copy()
    for scale in range(1, masses.shape[1]):
        total += masses[:, scale]
    lightest = np.where(names == 0, np.float32(-1), total).argmin(axis=1)
    place = np.where(found, known.argmax(axis=1), lightest)
    use = np.flatnonzero((name != 0) & (found | (weights[:, 0] > 0)))
    place, before = place[use], found[use, None]
    names[use, place] = name[use]
    masses[use, :, place] = np.maximum(np.where(before, masses[use, :, place], 0) + weights[use], 0)


def cosine_distance(a: npt.NDArray[np.int16], b: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """1 - cosine of rows of two (n, d) arrays; 1 where either is zero. Sums of integers, so exact in any order."""
    left, right = a.astype(np.float64), b.astype(np.float64)
    dot = np.einsum("ij,ij->i", left, right)
    square = np.einsum("ij,ij->i", left, left) * np.einsum("ij,ij->i", right, right)
    cosine: npt.NDArray[np.float64] = np.divide(dot, np.sqrt(square), out=np.zeros_like(dot), where=square > 0)
    return 1.0 - cosine


def long_direction(rows: Rows, dims: int) -> npt.NDArray[np.int16]:
    """The first `dims` coordinates of the unit long-term interest (n, dims), int16; zeros where there is none.

    PCA orders coordinates by variance, so a prefix is the best projection of that many dimensions.
    """
    mean = rows["interest"][:, 2].astype(np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", mean, mean))
    scale = np.divide(32767.0, length, out=np.zeros_like(length), where=length > 0)
    direction: npt.NDArray[np.int16] = np.rint(mean[:, :dims] * scale[:, None]).astype(np.int16)
    return direction
