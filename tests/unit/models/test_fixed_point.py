"""One integer stands for 1.0 everywhere."""

import numpy as np

from liveprofile.models import fixed_point
from liveprofile.profiles.records import activity


def test_models_and_profiles_mean_the_same_by_one() -> None:
    assert fixed_point.ONE == activity.VECTOR_ONE


def test_every_integer_survives_the_way_through_floats() -> None:
    whole = np.arange(-32767, 32768, dtype=np.int16)
    assert (fixed_point.to_int16(fixed_point.to_float(whole)) == whole).all()
