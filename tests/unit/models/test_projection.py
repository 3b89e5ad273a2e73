"""The projection keeps what varies, drops what all texts share, and says what it kept."""

import numpy as np
import pytest

from liveprofile.models.errors import ModelError
from liveprofile.models.projection import Projection


def cloud(texts: int = 200) -> np.ndarray:
    """Unit vectors around a common direction that vary mostly in two others."""
    rng = np.random.default_rng(2)
    rows = rng.normal([3, 0, 0, 0, 0, 0], [0.0, 1.0, 0.6, 0.01, 0.01, 0.01], (texts, 6))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_two_dimensions_keep_a_cloud_that_varies_in_two() -> None:
    projection = Projection.fit(cloud(), 2)
    assert projection.variance_kept > 0.95
    assert projection.dims == 2


def test_projected_rows_have_length_one() -> None:
    rows = Projection.fit(cloud(), 3).apply(cloud(7))
    assert rows.shape == (7, 3) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_row_at_the_mean_stays_zero_instead_of_dividing_by_zero() -> None:
    projection = Projection.fit(cloud(), 2)
    assert np.array_equal(projection.apply(projection.mean[None]), np.zeros((1, 2), np.float32))


def test_the_direction_that_all_texts_share_is_gone() -> None:
    rows = cloud()
    assert (rows @ rows.T).mean() > 0.8
    projected = Projection.fit(rows, 2).apply(rows)
    assert abs((projected @ projected.T).mean()) < 0.1


def test_all_dimensions_keep_every_angle_of_the_centred_rows() -> None:
    rows, projection = cloud(), Projection.fit(cloud(), 6)
    centred = rows - projection.mean
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    projected = projection.apply(rows)
    assert np.abs(projected @ projected.T - centred @ centred.T).max() < 1e-4


def test_the_signs_of_components_do_not_depend_on_the_solver() -> None:
    components = Projection.fit(cloud(), 3).components
    assert (components[np.arange(3), np.abs(components).argmax(axis=1)] > 0).all()


def test_bytes_carry_the_projection() -> None:
    projection = Projection.fit(cloud(), 3)
    again = Projection.from_bytes(projection.to_bytes())
    assert np.array_equal(again.mean, projection.mean)
    assert np.array_equal(again.components, projection.components)
    assert again.variance_kept == projection.variance_kept


@pytest.mark.parametrize(
    ("texts", "dims", "said"), [(200, 7, "dims = 7, allowed 1 to 6"), (3, 3, "3 texts cannot fit")]
)
def test_what_cannot_be_fitted_is_refused_with_its_limit(texts: int, dims: int, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Projection.fit(cloud(texts), dims)
