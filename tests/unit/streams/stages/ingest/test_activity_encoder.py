"""Lines without a text have a vector of zeros, whatever the lines beside them have."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import VECTOR_ONE, decode_heads
from liveprofile.streams.stages.ingest.activity_encoder import ActivityEncoder

KEY = b"a key of the tests"
ORDER = (
    b'{"user_id": "u-1", "ts": 1767268800, "items": '
    b'[{"price": 1}, {"title": "Pan", "price": 10}, {"item_id": "b", "brand": "Acme"}]}'
)


def test_a_line_without_a_text_has_a_vector_of_zeros_beside_one_that_has_a_text() -> None:
    def embed(texts: object) -> npt.NDArray[np.float32]:
        assert texts == ["pan"]
        return np.eye(1, Policy().dims, dtype=np.float32)

    _, values = ActivityEncoder(KEY, embed=embed).encode("purchases", ORDER, offset=0)
    vectors = decode_heads(values, Policy().dims)["vector"]
    assert vectors.sum(axis=1).tolist() == [0, VECTOR_ONE, 0]
    _, without = ActivityEncoder(KEY).encode("purchases", ORDER, offset=0)
    assert (values[0], values[2]) == (without[0], without[2]), "they are the records of an encoder without a model"
