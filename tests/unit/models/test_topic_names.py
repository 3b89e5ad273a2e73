"""A vector gets the name of the nearest topic, or none."""

import numpy as np

from liveprofile.models.topic_names import TopicNames

TOPICS = TopicNames(["kitchen", "garden"], np.array([[1, 0, 0], [0, 1, 0]], np.float32), least_cosine=0.5)


def test_the_nearest_topic_is_named() -> None:
    assert TOPICS.nearest(np.array([[0.9, 0.3, 0.1], [0.1, 0.8, 0.2]])) == ["kitchen", "garden"]


def test_a_vector_far_from_all_topics_has_no_name() -> None:
    assert TOPICS.nearest(np.array([[0.3, 0.2, 0.9], [0, 0, 0]])) == [None, None]


def test_scale_and_number_type_do_not_matter() -> None:
    assert TOPICS.nearest(np.array([[30000, 100, 0]], np.int16)) == ["kitchen"]


def test_no_vectors_have_no_names() -> None:
    assert TOPICS.nearest(np.zeros((0, 3))) == []
