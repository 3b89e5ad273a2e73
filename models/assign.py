"""Nearest centre of a point and the margin to the next one; exact, so every worker and replay gets the same bits."""

import numpy as np
import numpy.typing as npt


def nearest(
    points: npt.NDArray[np.int16], centres: npt.NDArray[np.int16]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Index of the nearest centre by Euclidean distance, and its margin, for points (n, k) and centres (c, k).

    The margin is 1 - d1 / d2 with the distances of the nearest and the second nearest centre: 0 on the border, 1 on a
    centre or where there is only one. If centres are equally near, the first one is taken.

    All sums are sums of integers below 2^53 (k * 2^33, so k up to about a million), held in float64. They are exact in
    any order of addition, so any batch and any machine gives the same bits. Division and square root are rounded as
    IEEE 754 specifies.

    Raises ValueError if there are no centres, or if points and centres differ in k.

    >>> index, margin = nearest(np.array([[3, 0]], dtype=np.int16), np.array([[0, 0], [4, 0]], dtype=np.int16))
    >>> index.tolist(), margin.round(3).tolist()
    ([1], [0.667])
    """
    if not len(centres) or points.shape[1] != centres.shape[1]:
        raise ValueError(
            f"points have shape {points.shape}, centres {centres.shape}: at least one centre and the same number of "
            "dimensions are needed; adopt a model that was learnt on these dimensions"
        )
    squares = squared_distances(points, centres)
    index = squares.argmin(axis=1)
    if len(centres) == 1:
        return index, np.ones(len(points))
    two = np.sqrt(np.partition(squares, 1, axis=1)[:, :2])
    margin = np.zeros(len(points))
    np.divide(two[:, 0], two[:, 1], out=margin, where=two[:, 1] > 0)
    return index, np.where(two[:, 1] > 0, 1.0 - margin, 0.0)


def squared_distances(points: npt.NDArray[np.int16], centres: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Squared Euclidean distances, shape (n, c), every one an exact integer."""
    p, c = points.astype(np.float64), centres.astype(np.float64)
    squares: npt.NDArray[np.float64] = (p * p).sum(axis=1)[:, None] - 2.0 * (p @ c.T) + (c * c).sum(axis=1)[None, :]
    return squares
