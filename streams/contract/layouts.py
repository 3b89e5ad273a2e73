"""The newest layouts that this program writes, by topic, where older programs may read records that have another one.

Workers write the layout that the lineage topic names: the oldest one until `liveprofile upgrade --finish`.
"""

from collections.abc import Mapping

from liveprofile.models.snapshot import SCHEMA
from liveprofile.profiles.records.activity import LAYOUT as ACTIVITY
from liveprofile.profiles.records.training_example import LAYOUT as EXAMPLE
from liveprofile.streams.contract.topics import Topics


def newest_layouts(topics: Topics) -> Mapping[str, int]:
    """Number of the newest layout by topic."""
    return {topics.activity: ACTIVITY, topics.examples: EXAMPLE, topics.models: SCHEMA}
